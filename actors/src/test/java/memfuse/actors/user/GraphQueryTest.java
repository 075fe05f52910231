package memfuse.actors.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.facts.ExtractedFact;
import memfuse.protocol.user.Hit;
import memfuse.protocol.user.QueryRequest;
import memfuse.protocol.user.QueryRequest.StoreType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Queries of the facts alone. */
class GraphQueryTest extends UserTestBase {
    @Test
    void findsTheMessagesThatGiveEvidence() {
        UserStage stage = stage("s");
        stage.append("s", "a", "Hello there");
        stage.append("s", "b", "My sister is called Ida");
        stage.append("s", "c", "Ida lives in Faro");
        stage.flushAll();
        assertThat(stage.find(graph("sister", null)).hits()).isEmpty();
        extract(stage, fact("ann", "name of sister", "Ida", 2), fact("Ida", "lives in", "Faro", 3));

        List<Hit> hits = stage.find(graph("sister", null)).hits();
        assertThat(hits).extracting(Hit::id).containsExactly("b", "c");
        assertThat(hits).extracting(Hit::layer).containsOnly(Hit.Layer.M2);
        assertThat(hits)
                .extracting(hit -> Objects.requireNonNull(hit.session()).id())
                .containsOnly("s");
        assertThat(stage.find(graph("sister", "s-agent")).hits()).hasSize(2);
        assertThat(stage.find(graph("sister", "other")).hits()).isEmpty();
    }

    @Test
    void findsNothingOfWhatIsDeletedBeforeItsFactsAre() {
        UserStage stage = stage("s");
        stage.append("s", "a", "I live in Faro");
        stage.flushAll();
        extract(stage, fact("ann", "lives in", "Faro", 1));
        assertThat(stage.find(graph("Faro", null)).hits()).hasSize(1);
        stage.delete("s", "a");

        assertThat(stage.find(graph("Faro", null)).hits()).isEmpty();
    }

    @Test
    void saysWhenTheStoreDoesNotAnswer() {
        UserStage stage = stage("s");
        stage.append("s", "a", "I live in Faro");
        stage.flushAll();
        assertThat(stage.find(graph("Faro", null)).hits()).isEmpty();
        stage.layers.facts().failNext(1);

        stage.query(graph("Faro", null)).isRefused(ErrorCode.UNAVAILABLE);
    }

    private static void extract(UserStage stage, ExtractedFact... facts) {
        stage.layers
                .facts()
                .waiting(1, 100, 1_000_000, Set.of())
                .forEach(batch -> stage.layers.facts().store(batch, List.of(facts), "test/1"));
    }

    private static ExtractedFact fact(String subject, String predicate, String object, long seq) {
        String text = subject + " " + predicate + " " + object;
        return new ExtractedFact(subject, predicate, object, text, predicate, List.of(seq), null, null, 1);
    }

    private static QueryRequest graph(String query, @Nullable String agentId) {
        return new QueryRequest(query, null, agentId, 10, StoreType.GRAPH, true, true);
    }
}
