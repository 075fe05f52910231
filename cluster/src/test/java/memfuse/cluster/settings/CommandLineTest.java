package memfuse.cluster.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
    @Test
    void startsWithNothingGiven() {
        assertThat(CommandLine.parse()).isEqualTo(new CommandLine.Start(Optional.empty(), Map.of()));
    }

    @Test
    void takesOptionsInBothWritings() {
        CommandLine.Start expected = new CommandLine.Start(
                Optional.of(Path.of("my.yaml")),
                Map.of(
                        "memfuse.http.port", "9000",
                        "memfuse.data-dir", "/var/lib/memfuse",
                        "memfuse.embedding.model", "none",
                        "memfuse.log-level", "DEBUG"));

        assertThat(CommandLine.parse(
                        "--config", "my.yaml",
                        "--port", "9000",
                        "--data-dir", "/var/lib/memfuse",
                        "--set", "memfuse.embedding.model=none",
                        "--set", "memfuse.log-level=DEBUG"))
                .isEqualTo(expected);
        assertThat(CommandLine.parse(
                        "--config=my.yaml",
                        "--port=9000",
                        "--data-dir=/var/lib/memfuse",
                        "--set=memfuse.embedding.model=none",
                        "--set=memfuse.log-level=DEBUG"))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--prot", "start", "--port", "--set=memfuse.http.port", "--config"})
    void refusesWhatItDoesNotKnow(String argument) {
        assertThatThrownBy(() -> CommandLine.parse(argument))
                .isInstanceOf(SettingsException.class)
                .hasMessageEndingWith("(--help lists the options)")
                .message()
                .doesNotContain("\n")
                .contains(argument.replaceFirst("=.*", ""));
    }

    @Test
    void refusesAnOptionGivenTwice() {
        assertThatThrownBy(() -> CommandLine.parse("--port=1", "--port=2"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("--port");
    }

    @Test
    void helpNamesOptionsAndEnvironment() {
        assertThat(CommandLine.parse("--help")).isInstanceOfSatisfying(CommandLine.Say.class, say -> {
            assertThat(say.text())
                    .contains("--config", "--port", "--data-dir", "--set", "MEMFUSE_CONFIG", "Exit status");
            new Defaults()
                    .environmentNames()
                    .forEach((name, key) -> assertThat(say.text()).contains(name, key));
            assertThat(say.text().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
        });
    }

    @Test
    void versionNamesTheBuild() {
        assertThat(CommandLine.parse("--version"))
                .isInstanceOfSatisfying(
                        CommandLine.Say.class, say -> assertThat(say.text()).matches("MemFuse \\d+\\.\\d+\\.\\d+.*"));
    }
}
