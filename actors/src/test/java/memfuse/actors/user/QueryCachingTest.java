package memfuse.actors.user;

import static memfuse.actors.user.UserStage.contents;
import static memfuse.actors.user.UserStage.everything;
import static org.assertj.core.api.Assertions.assertThat;

import memfuse.protocol.user.UserProtocol.Hits;
import org.junit.jupiter.api.Test;

/** Queries that are answered with what another query found. */
class QueryCachingTest extends UserTestBase {
    /** Outweighs the other words of a query, so that their embeddings are nearly the same. */
    private static final String MUCH_PIE = "pie ".repeat(12);

    @Test
    void answersAQueryThatAsksTheSame() {
        UserStage stage = stage("s");
        stage.append("s", "a", "pie was served");
        Hits first = stage.find(everything(MUCH_PIE + "in June"));
        Hits similar = stage.find(everything(MUCH_PIE + "by June"));

        assertThat(first.cached()).isFalse();
        assertThat(similar.cached()).isTrue();
        assertThat(similar.hits()).isEqualTo(first.hits());
        assertThat(stage.find(everything(MUCH_PIE + "in June")).cached()).isTrue();
        assertThat(stage.counters.misses()).isEqualTo(1);
        assertThat(stage.counters.similarHits()).isEqualTo(1);
        assertThat(stage.counters.exactHits()).isEqualTo(1);
    }

    @Test
    void searchesForAnotherMonth() {
        UserStage stage = stage("s");
        stage.append("s", "a", "pie was served");
        stage.find(everything(MUCH_PIE + "in June"));

        assertThat(stage.find(everything(MUCH_PIE + "in July")).cached()).isFalse();
        assertThat(stage.counters.similarHits()).isZero();
        assertThat(stage.counters.misses()).isEqualTo(2);
    }

    @Test
    void searchesAgainAfterAWrite() {
        UserStage stage = stage("s");
        stage.append("s", "a", "pie was served");
        stage.find(everything(MUCH_PIE + "in June"));
        stage.append("s", "b", "more pie was served");

        Hits after = stage.find(everything(MUCH_PIE + "by June"));
        assertThat(after.cached()).isFalse();
        assertThat(contents(after)).containsExactly("more pie was served", "pie was served");
    }

    @Test
    void searchesWhereSomebodySaidJustTheseWords() {
        UserStage stage = stage("s");
        stage.append("s", "a", "pie was served");
        stage.append("s", "b", "a fork and a pie");
        stage.find(everything(MUCH_PIE + "spoon"));

        assertThat(stage.find(everything(MUCH_PIE + "fork")).cached()).isFalse();
        assertThat(stage.find(everything(MUCH_PIE + "knife")).cached()).isTrue();
    }
}
