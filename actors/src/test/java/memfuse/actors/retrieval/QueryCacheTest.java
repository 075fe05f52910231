package memfuse.actors.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class QueryCacheTest {
    private final QueryCache<Integer, String> cache = new QueryCache<>(2);

    @Test
    void answersTheSameQuery() {
        cache.put("Where is  Bob? ", 5, 1, "at home");
        assertThat(cache.find("where is bob?", 5, 1)).contains("at home");
        assertThat(cache.find("where is bob", 5, 1)).isEmpty();
        assertThat(cache.find("where is bob?", 6, 1)).isEmpty();
    }

    @Test
    void forgetsAtTheNextWrite() {
        cache.put("q", 5, 1, "old");
        assertThat(cache.find("q", 5, 2)).isEmpty();
        assertThat(cache.size()).isZero();
        cache.put("q", 5, 2, "new");
        assertThat(cache.find("q", 5, 2)).contains("new");
    }

    @Test
    void neverAnswersWithWhatWasFoundBeforeAWriteThatCameMeanwhile() {
        long versionAtSearch = 1;
        long versionNow = 2;
        cache.put("q", 5, versionAtSearch, "found before the write");
        assertThat(cache.find("q", 5, versionNow)).isEmpty();
    }

    @Test
    void dropsTheLeastRecentlyUsed() {
        cache.put("a", 5, 1, "A");
        cache.put("b", 5, 1, "B");
        assertThat(cache.find("a", 5, 1)).isPresent();
        cache.put("c", 5, 1, "C");
        assertThat(cache.size()).isEqualTo(2);
        assertThat(cache.find("b", 5, 1)).isEmpty();
        assertThat(cache.find("a", 5, 1)).contains("A");
        cache.clear();
        assertThat(cache.size()).isZero();
    }

    @Test
    void cachesNothingAtSizeZero() {
        QueryCache<Integer, String> none = new QueryCache<>(0);
        none.put("a", 5, 1, "A");
        assertThat(none.find("a", 5, 1)).isEmpty();
        assertThatThrownBy(() -> new QueryCache<Integer, String>(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
