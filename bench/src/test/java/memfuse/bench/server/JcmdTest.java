package memfuse.bench.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class JcmdTest {
    @Test
    void findsTheTotalOfAHistogram() throws IOException {
        List<String> histogram = List.of(
                "num     #instances         #bytes  class name (module)",
                "1:         65872        5231232  [B (java.base@17.0.15)",
                "Total        302015       21062136");
        assertThat(Jcmd.total(histogram)).isEqualTo(21_062_136);
    }
}
