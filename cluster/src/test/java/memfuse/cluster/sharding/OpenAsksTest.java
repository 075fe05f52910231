package memfuse.cluster.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class OpenAsksTest {
    private final OpenAsks asks = new OpenAsks();

    @Test
    void endsWhatIsOpenWhenANodeIsGivenUp() {
        CompletableFuture<String> unanswered = asks.track(new CompletableFuture<>());
        CompletableFuture<String> answered = asks.track(CompletableFuture.completedFuture("answer"));
        assertThat(unanswered).isNotDone();
        asks.end();
        assertThatThrownBy(unanswered::join).hasCauseInstanceOf(TimeoutException.class);
        assertThat(answered).isCompletedWithValue("answer");
    }

    @Test
    void endsAsTheStageDoes() {
        CompletableFuture<String> stage = new CompletableFuture<>();
        CompletableFuture<String> answer = asks.track(stage);
        stage.completeExceptionally(new IllegalStateException("failed"));
        assertThatThrownBy(answer::join).hasCauseInstanceOf(IllegalStateException.class);
    }
}
