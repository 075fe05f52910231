package memfuse.actors.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class TextVectorCacheTest {
    private static final int ENTRY_OF_TWO_FLOATS = 224 + 8;

    private final TextVectorCache cache = new TextVectorCache(2 * ENTRY_OF_TWO_FLOATS);

    private static CompletableFuture<float[]> vector(float first) {
        return CompletableFuture.completedFuture(new float[] {first, 0});
    }

    @Test
    void knowsATextThatWasEmbedded() {
        cache.putWhenReady("Ann: hello", vector(1));
        assertThat(cache.get("Ann: hello")).containsExactly(1, 0);
        assertThat(cache.get("Bob: hello")).isNull();
        assertThat(cache.hits()).isEqualTo(1);
    }

    @Test
    void knowsATextAsSoonAsItsVectorIsThere() {
        CompletableFuture<float[]> onItsWay = new CompletableFuture<>();
        CompletableFuture<Boolean> known = cache.putWhenReady("a", onItsWay)
                .thenApply(vector -> cache.get("a") != null)
                .toCompletableFuture();
        onItsWay.complete(new float[] {1, 0});
        assertThat(known).isCompletedWithValue(true);
    }

    @Test
    void dropsTheLeastRecentlyUsedWhenItsBytesAreFull() {
        cache.putWhenReady("a", vector(1));
        cache.putWhenReady("b", vector(2));
        assertThat(cache.get("a")).isNotNull();
        cache.putWhenReady("c", vector(3));
        assertThat(cache.get("b")).isNull();
        assertThat(cache.get("a")).isNotNull();
        assertThat(cache.get("c")).isNotNull();
        assertThat(cache.bytes()).isEqualTo(2 * ENTRY_OF_TWO_FLOATS);
    }

    @Test
    void keepsNothingThatIsLargerThanItself() {
        cache.putWhenReady("a", CompletableFuture.completedFuture(new float[1000]));
        assertThat(cache.get("a")).isNull();
        assertThat(cache.bytes()).isZero();
    }

    @Test
    void keepsNothingThatWasOnItsWayWhenItWasCleared() {
        CompletableFuture<float[]> onItsWay = new CompletableFuture<>();
        cache.putWhenReady("a", vector(1));
        cache.putWhenReady("b", onItsWay);
        cache.clear();
        onItsWay.complete(new float[] {2, 0});
        assertThat(cache.get("a")).isNull();
        assertThat(cache.get("b")).isNull();
        assertThat(cache.bytes()).isZero();
        cache.putWhenReady("b", onItsWay);
        assertThat(cache.get("b")).isNotNull();
    }

    @Test
    void keepsNothingOfTextsThatCouldNotBeEmbedded() {
        cache.putWhenReady("a", CompletableFuture.failedFuture(new EmbeddingException("scripted")));
        assertThat(cache.get("a")).isNull();
    }

    @Test
    void keepsNothingWithoutRoom() {
        TextVectorCache none = new TextVectorCache(0);
        none.putWhenReady("a", vector(1));
        assertThat(none.get("a")).isNull();
    }
}
