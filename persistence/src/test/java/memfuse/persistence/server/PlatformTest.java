package memfuse.persistence.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlatformTest {

    @Test
    void namesTheBinariesOfEverySystemTheyAreMadeFor() {
        assertThat(Platform.of("Linux", "amd64").archives()).containsExactly("postgres-linux-x86_64.txz");
        assertThat(Platform.of("Linux", "aarch64").archives()).containsExactly("postgres-linux-arm_64.txz");
        assertThat(Platform.of("Windows 11", "amd64").archives()).containsExactly("postgres-windows-x86_64.txz");
        assertThat(Platform.of("Mac OS X", "aarch64").archives()).startsWith("postgres-darwin-arm_64.txz");
    }

    @Test
    void takesTheBinariesOfEitherProcessorOnMacOs() {
        assertThat(Platform.of("Mac OS X", "x86_64").archives())
                .contains("postgres-darwin-x86_64.txz", "postgres-darwin-arm_64.txz");
    }

    @Test
    void knowsTheNamesOfExecutables() {
        assertThat(Platform.of("Windows 11", "amd64").executable("initdb")).isEqualTo("initdb.exe");
        assertThat(Platform.of("Linux", "amd64").executable("initdb")).isEqualTo("initdb");
    }
}
