package memfuse.actors.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import memfuse.actors.embedding.WaitingTexts.Job;
import org.junit.jupiter.api.Test;

class WaitingTextsTest {
    private static final EmbeddingQueueSettings BOUNDS = new EmbeddingQueueSettings(12, 10, 4, 256, 1, 1, 0, 0);

    private final WaitingTexts waiting = new WaitingTexts(12);

    @Test
    void givesAUserWithMoreTextsThanPlacesHalfOfThem() {
        assertThat(add("hot", 12, 10)).isEqualTo(6);
    }

    @Test
    void alwaysHasAPlaceForWhoComesNext() {
        add("hot", 12, 10);
        assertThat(add("second", 12, 10)).isEqualTo(3);
        assertThat(add("third", 12, 10)).isEqualTo(2);
        assertThat(add("fourth", 1, 10)).isEqualTo(1);
    }

    @Test
    void fillsABatchFromAllUsersInTurns() {
        add("hot", 6, 10);
        add("second", 1, 10);
        add("third", 1, 10);
        assertThat(users(waiting.takeBatch(BOUNDS))).containsExactlyInAnyOrder("hot", "second", "third", "hot");
        assertThat(users(waiting.takeBatch(BOUNDS))).containsExactly("hot", "hot", "hot", "hot");
        assertThat(waiting.isEmpty()).isTrue();
    }

    @Test
    void beginsBatchesWithOneUserAfterTheOther() {
        add("hot", 4, 200);
        add("second", 1, 100);
        assertThat(users(waiting.takeBatch(BOUNDS))).containsExactly("hot");
        assertThat(users(waiting.takeBatch(BOUNDS))).containsExactly("second");
        assertThat(users(waiting.takeBatch(BOUNDS))).containsExactly("hot");
        assertThat(waiting.size()).isEqualTo(2);
    }

    @Test
    void takesQueriesOfUsersInTurns() {
        add("hot", 3, 0);
        add("second", 1, 0);
        assertThat(takeOne()).isEqualTo("hot");
        assertThat(takeOne()).isEqualTo("second");
        assertThat(takeOne()).isEqualTo("hot");
        assertThat(takeOne()).isEqualTo("hot");
        assertThat(waiting.takeOne()).isNull();
    }

    private String takeOne() {
        Job job = waiting.takeOne();
        return job == null ? "nobody" : job.userId();
    }

    private int add(String userId, int count, int tokens) {
        int taken = 0;
        for (int i = 0; i < count; i++) {
            taken += waiting.add(new Job(userId, "text", tokens, 0, new CompletableFuture<>())) ? 1 : 0;
        }
        return taken;
    }

    private static List<String> users(List<Job> jobs) {
        return jobs.stream().map(Job::userId).toList();
    }
}
