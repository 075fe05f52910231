package memfuse.actors.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class QueryVectorCacheTest {
    private final QueryVectorCache cache = new QueryVectorCache(2);

    @Test
    void knowsTheVectorOfTheVerySameText() {
        cache.put("Where is Ana?", new float[] {1}, 0);
        cache.put("Where is ana?", new float[] {2}, 0);

        assertThat(cache.get("Where is Ana?")).containsExactly(1);
        assertThat(cache.get("Where is ana?")).containsExactly(2);
        assertThat(cache.get("Where is Ana")).isNull();
    }

    @Test
    void givesAndTakesCopies() {
        float[] given = {1};
        cache.put("a", given, 0);
        given[0] = 7;
        float[] taken = cache.get("a");
        assertThat(taken).containsExactly(1);
        cache.put("b", new float[] {2}, 0);
        assertThat(cache.get("a")).isNotSameAs(taken);
    }

    @Test
    void forgetsTheLeastRecentlyUsed() {
        cache.put("a", new float[] {1}, 0);
        cache.put("b", new float[] {2}, 0);
        assertThat(cache.get("a")).isNotNull();
        cache.put("c", new float[] {3}, 0);

        assertThat(cache.get("b")).isNull();
        assertThat(cache.get("a")).isNotNull();
        assertThat(cache.get("c")).isNotNull();
    }

    @Test
    void keepsNothingWhereItHasNoRoom() {
        QueryVectorCache none = new QueryVectorCache(0);
        none.put("a", new float[] {1}, 0);
        assertThat(none.get("a")).isNull();
    }

    @Test
    void forgetsEverythingAlsoWhatIsBeingMade() {
        cache.put("a", new float[] {1}, 0);
        long askedIn = cache.generation();
        cache.clear();
        cache.put("b", new float[] {2}, askedIn);
        assertThat(cache.get("a")).isNull();
        assertThat(cache.get("b")).isNull();

        cache.put("b", new float[] {2}, cache.generation());
        assertThat(cache.get("b")).containsExactly(2);
    }

    @Test
    void keepsNoTextThatItsUserMayWantForgotten() {
        WeakReference<String> text = remembered();
        assertThat(cache.get(secret())).isNotNull();

        while (text.get() != null) {
            System.gc();
        }
    }

    private WeakReference<String> remembered() {
        String text = secret();
        cache.put(text, new float[] {1}, 0);
        assertThat(cache.get(text)).containsExactly(1);
        return new WeakReference<>(text);
    }

    /** A text of its own each time. */
    private static String secret() {
        return "What did the doctor say of me".concat("?");
    }
}
