package memfuse.actors.user;

import static memfuse.actors.user.UserStage.LIMIT;
import static memfuse.actors.user.UserStage.everything;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import memfuse.protocol.facts.ExtractedFact;
import memfuse.protocol.testkit.StoreFaults;
import memfuse.protocol.user.Hit;
import memfuse.protocol.user.UserProtocol.Hits;
import memfuse.protocol.user.UserProtocol.ReadUnflushedChanges;
import memfuse.protocol.user.UserProtocol.UnflushedChanges;
import org.junit.jupiter.api.Test;

/** What facts change of ordinary queries. */
class FactsInQueriesTest extends UserTestBase {
    private static final ExtractedFact LIKES_FISH =
            new ExtractedFact("Ann", "likes", "fish", "Ann likes fish.", "likes fish", List.of(1L), null, null, 1);

    @Test
    void raiseTheMessagesThatGiveEvidenceOfThem() {
        UserStage stage = threeAlike();
        extract(stage, "s", LIKES_FISH);
        assertThat(first(stage)).isEqualTo("in s");
    }

    @Test
    void areReadAgainNowAndThen() {
        UserStage stage = threeAlike();
        assertThat(first(stage)).isNotEqualTo("in s");
        extract(stage, "s", LIKES_FISH);
        assertThat(stage.find(everything("fish")).cached()).isTrue();

        stage.pass(UserFacts.REFRESH_AFTER.plusSeconds(1));
        awaitFirst(stage, "in s");
    }

    @Test
    void areGivenUpWithTheTextsThatTheySpeakOf() {
        UserStage stage = threeAlike();
        extract(stage, "s", LIKES_FISH);
        assertThat(first(stage)).isEqualTo("in s");
        stage.delete("s", "in s");
        stage.flushAll();

        assertThat(stage.find(everything("fish")).hits())
                .extracting(Hit::id)
                .hasSize(2)
                .doesNotContain("in s");
    }

    /** Between the change and its flush the store still has the fact, and a query has it read again. */
    @Test
    void areGivenUpAgainWhenTheChangeIsFlushed() {
        UserStage stage = threeAlike();
        extract(stage, "s", LIKES_FISH);
        assertThat(first(stage)).isEqualTo("in s");
        StoreFaults.Hold flush = stage.layers.faults().holdFlushes();
        stage.update("s", "in s", "some fish for dinner");
        flush.awaitFlush();
        assertThat(stage.ask(ReadUnflushedChanges::new)).isEqualTo(new UnflushedChanges(Map.of("s", List.of(1L))));
        awaitFirst(stage, "in s");

        flush.release();
        stage.flushAll();
        assertThat(stage.ask(ReadUnflushedChanges::new)).isEqualTo(new UnflushedChanges(Map.of()));
        awaitNotFirst(stage, "in s");
    }

    private static void awaitNotFirst(UserStage stage, String id) {
        stage.passivations.awaitAssert(LIMIT, Duration.ofMillis(5), () -> {
            assertThat(first(stage)).isNotEqualTo(id);
            return id;
        });
    }

    @Test
    void holdUpNoQueryWhenTheyCannotBeRead() {
        UserStage stage = threeAlike();
        extract(stage, "s", LIKES_FISH);
        stage.layers.facts().failNext(1);
        assertThat(stage.find(everything("fish")).hits()).hasSize(3);

        awaitFirst(stage, "in s");
    }

    /** Messages that a query for fish finds alike, each in a session of its own; that of the first is the last hit. */
    private UserStage threeAlike() {
        UserStage stage = stage("s", "t", "v");
        for (String session : List.of("s", "t", "v")) {
            stage.append(session, "in " + session, "some fish for dinner");
        }
        stage.flushAll();
        return stage;
    }

    private static String first(UserStage stage) {
        Hits hits = stage.find(everything("fish"));
        assertThat(hits.hits()).hasSize(3);
        return hits.hits().get(0).id();
    }

    private static void awaitFirst(UserStage stage, String id) {
        stage.passivations.awaitAssert(LIMIT, Duration.ofMillis(5), () -> {
            assertThat(first(stage)).isEqualTo(id);
            return id;
        });
    }

    private static void extract(UserStage stage, String sessionId, ExtractedFact fact) {
        stage.layers.facts().waiting(10, 100, 1_000_000, Set.of()).stream()
                .filter(batch -> batch.sessionId().equals(sessionId))
                .forEach(batch -> stage.layers.facts().store(batch, List.of(fact), "test/1"));
    }
}
