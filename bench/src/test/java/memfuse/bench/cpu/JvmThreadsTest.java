package memfuse.bench.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JvmThreadsTest {
    @Test
    void readsTheThreadsOfJava17() {
        String print = """
                2026-01-01 10:00:00
                Full thread dump OpenJDK 64-Bit Server VM (17.0.15+6 mixed mode, sharing):

                "main" #1 prio=5 os_prio=0 cpu=12.34ms elapsed=1.00s tid=0x00007f nid=0x1f waiting on condition [0x0]
                   java.lang.Thread.State: RUNNABLE

                "GC Thread#0" os_prio=0 cpu=2.50ms elapsed=1.00s tid=0x00007f nid=0x20 runnable
                """;
        assertThat(JvmThreads.namesById(print))
                .containsEntry(31L, "main")
                .containsEntry(32L, "GC Thread#0")
                .hasSize(2);
    }

    @Test
    void readsTheThreadsOfJava25() {
        String print = "\"memfuse-db-3\" #40 [6699] daemon prio=5 os_prio=0 cpu=1.00ms elapsed=1.00s tid=0x00007f"
                + " nid=6699 waiting on condition [0x0]";
        assertThat(JvmThreads.namesById(print)).containsEntry(6699L, "memfuse-db-3");
    }

    @Test
    void namesAPoolWithoutTheNumbersOfItsThreads() {
        assertThat(JvmThreads.pool("memfuse-pekko.actor.default-dispatcher-12"))
                .isEqualTo("memfuse-pekko.actor.default-dispatcher");
        assertThat(JvmThreads.pool("GC Thread#0")).isEqualTo("GC Thread");
        assertThat(JvmThreads.pool("C2 CompilerThread0")).isEqualTo("C2 CompilerThread");
        assertThat(JvmThreads.pool("main")).isEqualTo("main");
    }
}
