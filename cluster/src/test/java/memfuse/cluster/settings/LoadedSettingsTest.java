package memfuse.cluster.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import memfuse.actors.session.SessionSettings.FlushStrategy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoadedSettingsTest {
    @TempDir
    Path directory;

    @Test
    void putsEachPlaceOverTheOneBefore() throws IOException {
        Loading loading = new Loading();
        assertThat(loading.settings().http().port()).isEqualTo(8000);

        loading.file(file("a.yaml", "http: { port: 1 }"));
        assertThat(loading.settings().http().port()).isEqualTo(1);

        loading.environment("MEMFUSE_HTTP_PORT", "2");
        assertThat(loading.settings().http().port()).isEqualTo(2);

        loading.property("memfuse.http.port", "3");
        assertThat(loading.settings().http().port()).isEqualTo(3);

        loading.set("memfuse.http.port", "4");
        assertThat(loading.settings().http().port()).isEqualTo(4);
    }

    @Test
    void tellsTheClusterTheVersionOfTheBuild() {
        String key = "pekko.cluster.app-version";
        assertThat(new Loading().load().config().getString(key))
                .isEqualTo(BuildInfo.read().version())
                .matches("\\d+\\.\\d+\\.\\d+.*");
        assertThat(new Loading().set(key, "7.0.0").load().config().getString(key))
                .isEqualTo("7.0.0");
    }

    @Test
    void takesAnEmptyEnvironmentValueForNone() throws IOException {
        MemFuseSettings settings = new Loading()
                .file(file("a.yaml", "http: { port: 1 }"))
                .environment("MEMFUSE_HTTP_PORT", "")
                .environment("MEMFUSE_CONFIG", "")
                .settings();

        assertThat(settings.http().port()).isEqualTo(1);
    }

    @Test
    void findsTheFileThroughTheEnvironmentToo() throws IOException {
        Path named = file("named.conf", "memfuse.http.port = 1");
        Path given = file("given.conf", "memfuse.http.port = 2");
        Loading loading = new Loading().environment("MEMFUSE_CONFIG", named.toString());

        assertThat(loading.settings().http().port()).isEqualTo(1);
        assertThat(loading.file(given).settings().http().port()).isEqualTo(2);
    }

    @Test
    void readsTheYamlOfTheRequirementsAsWritten() throws IOException {
        Path file = file("throughput.yaml", """
                buffer:
                  enabled: true
                  round_buffer:
                    max_tokens: 1500       # Increased from 800
                    max_size: 10           # Increased from 5
                  hybrid_buffer:
                    max_size: 10           # Increased from 5
                  query:
                    cache_size: 300        # Increased from 100
                    max_size: 10
                    similarity_threshold: 0.90  # Lower threshold for more hits
                  performance:
                    max_flush_workers: 6   # Increased from 3
                    flush_strategy: "size_based"  # Optimize for throughput
                    flush_interval: 30
                    enable_async_processing: false
                """);

        assertThat(new Loading().file(file).settings().buffer())
                .isEqualTo(new MemFuseSettings.Buffer(
                        true, 1500, 10, 10, 300, 10, 0.9, 6, FlushStrategy.SIZE_BASED, Duration.ofSeconds(30), false));
        assertThat(new Loading()
                        .file(file("bypass.yml", "buffer:\n  enabled: false  # Complete bypass\n"))
                        .settings()
                        .buffer()
                        .enabled())
                .isFalse();
    }

    @Test
    void readsTheGroupsOfTheBufferOnTheirOwn() throws IOException {
        Path file = file("fragment.yaml", """
                round_buffer:
                  max_size: 3  # Reduce from 5
                hybrid_buffer:
                  max_size: 4  # Reduce from 5
                query:
                  cache_size: 200  # Increase cache size
                performance:
                  max_flush_workers: 5  # Increase from 3
                """);

        MemFuseSettings.Buffer buffer = new Loading().file(file).settings().buffer();

        assertThat(buffer.roundBufferMaxRounds()).isEqualTo(3);
        assertThat(buffer.hybridBufferMaxRounds()).isEqualTo(4);
        assertThat(buffer.queryCacheSize()).isEqualTo(200);
        assertThat(buffer.maxFlushWorkers()).isEqualTo(5);
        assertThat(buffer.roundBufferMaxTokens()).isEqualTo(800);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a.yaml       | 'memfuse: { http: { port: 1 } }'
            b.yml        | 'http: { port: 1 }'
            c.conf       | 'memfuse.http.port = 1'
            d.conf       | 'http.port = 1'
            e.json       | '{"memfuse": {"http": {"port": 1}}}'
            f.properties | 'memfuse.http.port=1'
            G.YAML       | 'http: { port: 1 }'
            """)
    void readsFilesOfEachKind(String name, String content) throws IOException {
        assertThat(new Loading().file(file(name, content)).settings().http().port())
                .isEqualTo(1);
    }

    @Test
    void readsAnEmptyFileAndKeysWithoutValues() throws IOException {
        assertThat(new Loading().file(file("empty.yaml", "# nothing yet\n")).settings())
                .isEqualTo(Loading.defaults());
        assertThat(new Loading()
                        .file(file("keys.yaml", "buffer:\nhttp:\n  port:\n"))
                        .settings())
                .isEqualTo(Loading.defaults());
    }

    @Test
    void letsTheFileUseTheEnvironmentAndSetLibraries() throws IOException {
        Path file = file("a.conf", "memfuse.http.port = ${MY_PORT}\npekko.cluster.roles = [memory]");

        LoadedSettings loaded =
                new Loading().file(file).environment("MY_PORT", "81").load();

        assertThat(loaded.settings().http().port()).isEqualTo(81);
        assertThat(loaded.config().getStringList("pekko.cluster.roles")).containsExactly("memory");
    }

    @Test
    void handsTheLibrariesTheirDefaultsAndOurAddress() {
        LoadedSettings loaded = new Loading()
                .set("memfuse.cluster.host", "127.0.0.2")
                .set("memfuse.cluster.port", "2552")
                .load();

        assertThat(loaded.config().getString("pekko.remote.artery.canonical.hostname"))
                .isEqualTo("127.0.0.2");
        assertThat(loaded.config().getInt("pekko.remote.artery.canonical.port")).isEqualTo(2552);
        assertThat(loaded.config().getBoolean("pekko.use-slf4j")).isTrue();
        assertThat(loaded.config().hasPath("pekko.http.server")).isTrue();
    }

    @Test
    void refusesAnUnknownKeyWithItsPlaceAndTheNearestKnownOne() throws IOException {
        Path yaml = file("a.yaml", "buffer:\n  enabled: true\n  round_bufer:\n    max_size: 3\n");

        assertThatThrownBy(() -> new Loading().file(yaml).settings())
                .isInstanceOf(SettingsException.class)
                .hasMessage("unknown setting: memfuse.buffer.round_bufer (" + yaml
                        + ": 4); the nearest known one is memfuse.buffer.round_buffer");
        assertThatThrownBy(() -> new Loading()
                        .property("memfuse.http.max_in_flight", "1")
                        .settings())
                .hasMessage("unknown setting: memfuse.http.max_in_flight (system properties);"
                        + " the nearest known one is memfuse.http.max-in-flight");
        assertThatThrownBy(() -> new Loading().set("memfuse.prot", "1").settings())
                .hasMessageStartingWith("unknown setting: memfuse.prot (command line); the nearest known one is ");
        assertThatThrownBy(
                        () -> new Loading().file(file("b.conf", "colour = red")).settings())
                .hasMessageStartingWith("unknown setting: memfuse.colour (");
    }

    @Test
    void refusesAValueInPlaceOfAGroupAndAGroupInPlaceOfAValue() throws IOException {
        Path value = file("value.yaml", "http: 8000\n");
        Path group = file("group.yaml", "http:\n  port:\n    number: 8000\n");

        assertThatThrownBy(() -> new Loading().file(value).settings())
                .hasMessage("memfuse.http is a group of settings, not a value (" + value + ": 1)");
        assertThatThrownBy(() -> new Loading().file(group).settings())
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith("memfuse.http.port must be 0 to 65535: ")
                .hasMessageContaining(group.toString());
    }

    @Test
    void refusesAFileThatIsNotThere() {
        Path missing = directory.resolve("missing.yaml");

        assertThatThrownBy(() -> new Loading().file(missing).settings())
                .hasMessage("no such settings file: " + missing);
        assertThatThrownBy(() ->
                        new Loading().file(directory.resolve("missing.conf")).settings())
                .hasMessageStartingWith("no such settings file: ");
        assertThatThrownBy(
                        () -> new Loading().environment("MEMFUSE_CONFIG", "\0").settings())
                .hasMessageStartingWith("MEMFUSE_CONFIG must name a file: ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tab.yaml       | 'http:%n%tport: 1%n'                | 2
            twice.yaml     | 'http: { port: 1 }%nhttp: { }%n'    | 2
            list.yaml      | '- http%n'                          | 1
            documents.yaml | 'http: { port: 1 }%n---%nhttp: {}%n' | 3
            open.conf      | 'memfuse {%n  http.port = 1%n'      | 3
            list.json      | '[1]'                               | 1
            """)
    void refusesAMalformedFileInOneLineWithItsNameAndLine(String name, String content, int line) throws IOException {
        Path file = file(name, content.replace("%n", "\n").replace("%t", "\t"));

        assertThatThrownBy(() -> new Loading().file(file).settings())
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining(file + ": " + line)
                .message()
                .startsWith("settings file ")
                .doesNotContain("\n");
    }

    @Test
    void refusesWhatIsNotASettingsFile() throws IOException {
        Path text = file("settings.txt", "http.port = 1");

        assertThatThrownBy(() -> new Loading().file(text).settings())
                .hasMessage("settings file must end in .yaml, .yml, .conf, .json or .properties: " + text);
        assertThatThrownBy(() -> new Loading()
                        .file(Files.createDirectory(directory.resolve("directory.yaml")))
                        .settings())
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith("settings file cannot be read: ");
    }

    @Test
    void refusesASubstitutionThatLeadsNowhere() throws IOException {
        Path file = file("a.conf", "memfuse.http.port = ${NOWHERE}");

        assertThatThrownBy(() -> new Loading().file(file).settings())
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("NOWHERE")
                .hasMessageContaining(file + ": 1");
    }

    private Path file(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content);
    }
}
