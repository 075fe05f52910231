package memfuse.bench.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CodeSharesTest {
    private static final String DISPATCHER = "memfuse-pekko.actor.default-dispatcher";

    @Test
    void theFrameNearestToTheTopDecides() {
        assertThat(CodeShares.part(List.of(
                        "java.util.HashMap",
                        "memfuse.actors.retrieval.MemoryIndex",
                        "memfuse.actors.user.UserActor",
                        "org.apache.pekko.dispatch.Mailbox")))
                .isEqualTo("index");
        assertThat(CodeShares.part(List.of("java.lang.String", "memfuse.actors.user.UserActor")))
                .isEqualTo("actors");
        assertThat(CodeShares.part(List.of("java.lang.Thread"))).isEqualTo("other code");
    }

    @Test
    void dividesTheTimeOfAPoolByItsSamplesAndKeepsItsSum() {
        CodeShares shares = new CodeShares();
        shares.add(DISPATCHER, "HTTP");
        shares.add(DISPATCHER, "HTTP");
        shares.add(DISPATCHER, "HTTP");
        shares.add(DISPATCHER, "actors");
        Map<String, CpuTime> parts = shares.parts(times(Map.of(DISPATCHER, time(800, 200)), time(900, 200)));
        assertThat(parts)
                .containsEntry("HTTP", time(600, 0))
                .containsEntry("actors", time(200, 0))
                .containsEntry("kernel: HTTP, actors and index", time(0, 200))
                .containsEntry("threads that have ended", time(100, 0));
    }

    @Test
    void aPoolWithoutSamplesKeepsItsPurpose() {
        Map<String, CpuTime> parts =
                new CodeShares().parts(times(Map.of("C2 CompilerThread", time(50, 0)), time(50, 0)));
        assertThat(parts).containsEntry("JIT compiler", time(50, 0));
    }

    private static CpuTimes times(Map<String, CpuTime> threads, CpuTime server) {
        return new CpuTimes(CpuTime.NONE, server, threads, Map.of());
    }

    private static CpuTime time(long userMillis, long kernelMillis) {
        return new CpuTime(Duration.ofMillis(userMillis), Duration.ofMillis(kernelMillis));
    }
}
