package memfuse.bench.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ScrapedMetricsTest {
    @Test
    void readsWhatPrometheusReads() {
        ScrapedMetrics earlier = ScrapedMetrics.read("""
                # HELP jvm_memory_used_bytes The amount of used memory
                # TYPE jvm_memory_used_bytes gauge
                jvm_memory_used_bytes{area="heap",id="Eden Space",} 1.5E7
                jvm_memory_used_bytes{area="heap",id="Old",} 5000.0
                jvm_memory_used_bytes{area="nonheap",id="Code",} 7.0
                jvm_memory_max_bytes NaN
                refused_total{reason="a"} 1.0
                refused_total{reason="b"} 1.0
                """);
        assertThat(earlier.heapBytes()).isEqualTo(15_005_000);
        ScrapedMetrics later = ScrapedMetrics.read("""
                refused_total{reason="a"} 4.0
                refused_total{reason="b"} 1.0
                refused_total{reason="c"} 2.0
                """);
        assertThat(later.countedSince(earlier, "refused_total"))
                .containsOnlyKeys("reason=\"a\"", "reason=\"c\"")
                .containsEntry("reason=\"a\"", 3.0)
                .containsEntry("reason=\"c\"", 2.0);
    }
}
