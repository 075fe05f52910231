package memfuse.cluster.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import memfuse.actors.session.SessionSettings.FlushStrategy;
import memfuse.cluster.settings.ClusterSettings.Discovery;
import memfuse.cluster.settings.FactsSettings.Extractor;
import memfuse.cluster.settings.MemFuseSettings.Auth;
import memfuse.cluster.settings.MemFuseSettings.Buffer;
import memfuse.cluster.settings.MemFuseSettings.Database;
import memfuse.cluster.settings.MemFuseSettings.ExternalDatabase;
import memfuse.cluster.settings.MemFuseSettings.Flush;
import memfuse.cluster.settings.MemFuseSettings.Http;
import memfuse.cluster.settings.MemFuseSettings.Index;
import memfuse.cluster.settings.MemFuseSettings.Knowledge;
import memfuse.cluster.settings.MemFuseSettings.Session;
import memfuse.cluster.settings.MemFuseSettings.Shutdown;
import memfuse.cluster.settings.MemFuseSettings.Transfer;
import memfuse.cluster.settings.MemFuseSettings.User;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemFuseSettingsTest {
    @Test
    void hasTheseDefaults() {
        MemFuseSettings expected = new MemFuseSettings(
                "INFO",
                Path.of("data").toAbsolutePath(),
                Duration.ofSeconds(8),
                new Http(
                        "127.0.0.1",
                        8000,
                        8192,
                        4096,
                        4096,
                        134_217_728,
                        Duration.ofMillis(100),
                        16_777_216,
                        1_048_576,
                        1000,
                        20_971_520,
                        Runtime.getRuntime().maxMemory() / 16,
                        Duration.ofSeconds(15)),
                new Auth(false, Optional.empty()),
                20_000,
                new Database(
                        Optional.empty(),
                        10,
                        10,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(30),
                        Optional.empty()),
                new Buffer(true, 800, 5, 5, 100, 100, 0.98, 3, FlushStrategy.HYBRID, Duration.ofSeconds(60), true),
                new Session(512, 8_388_608, 64, Duration.ofMinutes(2), Duration.ofDays(1)),
                new User(1024, Duration.ofMinutes(5)),
                new Index(Runtime.getRuntime().maxMemory() / 2, 20_000),
                new Knowledge(10_000, 16_777_216),
                new Flush(512, Duration.ofMillis(100), Duration.ofSeconds(10)),
                new EmbeddingSettings(
                        "all-minilm-l6-v2-q",
                        Runtime.getRuntime().availableProcessors(),
                        2048,
                        16_777_216,
                        19,
                        Duration.ofSeconds(2),
                        200,
                        new EmbeddingSettings.OpenAi(
                                URI.create("https://api.openai.com/v1"),
                                "",
                                Optional.empty(),
                                1536,
                                false,
                                Duration.ofSeconds(10),
                                4,
                                32)),
                new Transfer(2, 1_073_741_824, Duration.ofMinutes(30)),
                new FactsSettings(
                        Extractor.PATTERNS,
                        URI.create("https://api.openai.com/v1"),
                        "",
                        Optional.empty(),
                        Duration.ofSeconds(60),
                        4,
                        2,
                        20,
                        3000,
                        0,
                        0),
                new ClusterSettings("127.0.0.1", 0, List.of(), Discovery.NONE, "memfuse", 2, Duration.ofMinutes(1)),
                new ManagementSettings("127.0.0.1", OptionalInt.empty()),
                new Shutdown(Duration.ofSeconds(5), Duration.ofSeconds(20)));

        assertThat(Loading.defaults()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            memfuse.log-level                          | LOUD          | one of TRACE, DEBUG, INFO, WARN, ERROR, OFF
            memfuse.data-dir                           | ' '           | a text that is not empty
            memfuse.ask-timeout                        | 1ms           | 0.1s to 10m
            memfuse.ask-timeout                        | 15s           | shorter than memfuse.http.request-timeout
            memfuse.http.host                          | ' '           | a text that is not empty
            memfuse.http.port                          | 99999         | 0 to 65535
            memfuse.http.port                          | -1            | 0 to 65535
            memfuse.http.port                          | 80.5          | 0 to 65535
            memfuse.http.port                          | eighty        | 0 to 65535
            memfuse.http.port                          | NaN           | 0 to 65535
            memfuse.http.max-in-flight                 | 0             | 1 to 16384
            memfuse.http.max-queue-time                | 0             | 0.001s to 1m
            memfuse.http.max-body-bytes                | 1 GiB         | 1 KiB to 256 MiB
            memfuse.http.max-body-bytes                | 99999999999 G | 1 KiB to 256 MiB
            memfuse.http.max-message-bytes             | 0             | 1 B to 64 MiB
            memfuse.http.max-message-bytes             | 17 MiB        | at most memfuse.http.max-body-bytes
            memfuse.http.max-messages-per-request      | 10001         | 1 to 10000
            memfuse.http.max-answer-bytes              | 1 KiB         | 64 KiB to 1536 MiB
            memfuse.http.max-answer-bytes              | 1 MiB         | at least 4 KiB more than memfuse.http.max-message-bytes
            memfuse.http.max-answer-bytes              | 17 MiB        | at least memfuse.knowledge.max-bytes and 256 B for each of memfuse.knowledge.max-items
            memfuse.http.max-in-flight-answer-bytes    | -1            | 0 GiB to 16 GiB
            memfuse.http.request-timeout               | 11m           | 1s to 10m
            memfuse.http.request-timeout               | soon          | 1s to 10m
            memfuse.auth.enabled                       | perhaps       | one of auto, true, false
            memfuse.rate_limit.per_minute              | -1            | 0 to 10000000
            memfuse.database.url                       | jdbc:h2:mem:x | empty or start with jdbc:postgresql:
            memfuse.database.journal-pool-size         | 1             | 2 to 200
            memfuse.database.layer-pool-size           | 201           | 2 to 200
            memfuse.database.socket-timeout            | 0             | 1s to 10m
            memfuse.database.start-timeout             | 2h            | 0s to 1h
            memfuse.http.max-connections               | 0             | 1 to 100000
            memfuse.http.backlog                       | 100001        | 1 to 100000
            memfuse.http.max-in-flight-bytes           | 1             | 1 KiB to 16 GiB
            memfuse.http.max-in-flight-bytes           | 15 MiB        | at least memfuse.http.max-body-bytes
            memfuse.database.connection-timeout        | 2m            | 0.25s to 1m
            memfuse.buffer.enabled                     | perhaps       | true or false
            memfuse.buffer.round_buffer.max_tokens     | 0             | 1 to 1000000
            memfuse.buffer.round_buffer.max_size       | 0             | 1 to 10000
            memfuse.buffer.hybrid_buffer.max_size      | 0             | 1 to 10000
            memfuse.index.max-bytes                    | -1            | 0 GiB to 1024 GiB
            memfuse.index.compact-from-units           | 999           | 1000 to 10000000
            memfuse.buffer.query.cache_size            | -1            | 0 to 100000
            memfuse.buffer.query.max_size              | 0             | 1 to 1000
            memfuse.buffer.query.similarity_threshold  | 1.5           | 0 to 1
            memfuse.buffer.performance.max_flush_workers | 65          | 1 to 64
            memfuse.buffer.performance.flush_strategy  | never         | one of size_based, time_based, hybrid
            memfuse.buffer.performance.flush_interval  | 0             | 0.1s to 24h
            memfuse.buffer.performance.enable_async_processing | 2     | true or false
            memfuse.session.high-water-messages        | 0             | 1 to 100000
            memfuse.session.high-water-bytes           | 1             | 1 KiB to 1 GiB
            memfuse.session.max-in-flight              | 0             | 1 to 10000
            memfuse.session.idle-timeout               | 0s            | 1s to 24h
            memfuse.user.max-in-flight                 | 63            | at least memfuse.session.max-in-flight
            memfuse.session.idempotency-retention      | 30s           | 1m to 8760h
            memfuse.user.idle-timeout                  | 2d            | 1s to 24h
            memfuse.knowledge.max-items                | 0             | 1 to 1000000
            memfuse.knowledge.max-bytes                | 2 GiB         | 1 KiB to 1 GiB
            memfuse.flush.max-batch-messages           | 0             | 1 to 10000
            memfuse.flush.retry-min                    | 1ms           | 0.01s to 1m
            memfuse.flush.retry-max                    | 50ms          | at least memfuse.flush.retry-min
            memfuse.embedding.model                    | word2vec      | one of all-minilm-l6-v2-q, bge-small-en-v15-q, openai, none
            memfuse.embedding.workers                  | 65            | 0 to 64
            memfuse.embedding.queue-size               | 0             | 1 to 1000000
            memfuse.embedding.ingest-niceness          | 20            | 0 to 19
            memfuse.embedding.max-unit-tokens          | 512           | 96 to 256
            memfuse.embedding.query-timeout            | 2m            | 0.01s to 1m
            memfuse.facts.extractor                    | magic         | one of patterns, openai, none
            memfuse.facts.extractor                    | openai        | another one where there is no memfuse.facts.model
            memfuse.embedding.openai.base-url          | ftp://host/v1 | the http or https address of an API
            memfuse.embedding.openai.dimensions        | 0             | 1 to 16000
            memfuse.embedding.openai.request-timeout   | 1ms           | 0.1s to 10m
            memfuse.embedding.openai.max-attempts      | 0             | 1 to 20
            memfuse.embedding.openai.batch-texts       | 0             | 1 to 2048
            memfuse.embedding.cache-bytes              | -1            | 0 GiB to 16 GiB
            memfuse.embedding.model                    | openai        | another one where there is no memfuse.embedding.openai.model
            memfuse.facts.base-url                     | ftp://host/v1 | the http or https address of an API
            memfuse.facts.base-url                     | not a url     | the http or https address of an API
            memfuse.facts.request-timeout              | 0s            | 1s to 30m
            memfuse.facts.max-attempts                 | 0             | 1 to 20
            memfuse.facts.concurrency                  | 65            | 1 to 64
            memfuse.facts.batch-messages               | 0             | 1 to 200
            memfuse.facts.batch-tokens                 | 99            | 100 to 100000
            memfuse.facts.input-price                  | -1            | 0 to 100000
            memfuse.facts.output-price                 | much          | 0 to 100000
            memfuse.shutdown.request-timeout           | 1h            | 0s to 10m
            memfuse.cluster.host                       | ' '           | a text that is not empty
            memfuse.cluster.port                       | 65536         | 0 to 65535
            memfuse.cluster.seed-nodes                 | a             | empty or host:port,host:port
            memfuse.cluster.seed-nodes                 | 'a:1,,b:2'    | empty or host:port,host:port
            memfuse.cluster.seed-nodes                 | a:0           | empty or host:port,host:port
            memfuse.cluster.seed-nodes                 | a:65536       | empty or host:port,host:port
            memfuse.cluster.seed-nodes                 | me@a:1        | empty or host:port,host:port
            memfuse.cluster.discovery                  | dns           | one of none, kubernetes-api
            memfuse.cluster.discovery                  | kubernetes-api | none where memfuse.management.port is off
            memfuse.cluster.service-name               | ' '           | a text that is not empty
            memfuse.cluster.required-contact-points    | 0             | 1 to 100
            memfuse.cluster.join-timeout               | 1s            | 5s to 1h
            memfuse.management.host                    | ' '           | a text that is not empty
            memfuse.management.port                    | 65536         | off or 0 to 65535
            memfuse.management.port                    | on            | off or 0 to 65535
            memfuse.shutdown.drain-timeout             | 1h            | 0s to 10m
            """)
    void refusesAValueWithTheKeyTheLimitsTheValueAndItsPlace(String key, String value, String allowed) {
        assertThatThrownBy(() -> Loading.with(key, value))
                .isInstanceOf(SettingsException.class)
                .hasMessage(key + " must be " + allowed + ": " + key + "=" + value + " (command line)");
    }

    @Test
    void takesPlainNumbersForSeconds() {
        assertThat(Loading.with("memfuse.buffer.performance.flush_interval", "2.5")
                        .buffer()
                        .flushInterval())
                .isEqualTo(Duration.ofMillis(2500));
        assertThat(Loading.with("memfuse.session.idle-timeout", "90").session().idleTimeout())
                .isEqualTo(Duration.ofSeconds(90));
        assertThat(Loading.with("memfuse.user.idle-timeout", "1500ms").user().idleTimeout())
                .isEqualTo(Duration.ofMillis(1500));
    }

    @Test
    void readsEveryChoice() {
        String strategy = "memfuse.buffer.performance.flush_strategy";

        assertThat(Loading.with(strategy, "SIZE_BASED").buffer().flushStrategy())
                .isEqualTo(FlushStrategy.SIZE_BASED);
        assertThat(Loading.with(strategy, "time_based").buffer().flushStrategy())
                .isEqualTo(FlushStrategy.TIME_BASED);
        assertThat(Loading.with("memfuse.embedding.model", "none").embedding().model())
                .isEqualTo("none");
        assertThat(Loading.with("memfuse.facts.extractor", "none").facts().extractor())
                .isEqualTo(Extractor.NONE);
        assertThat(Loading.with("memfuse.embedding.workers", "3").embedding().workers())
                .isEqualTo(3);
    }

    @Test
    void asksForADecisionWhereOtherMachinesReachTheServer() {
        for (String host : List.of("127.0.0.1", "127.8.0.1", "::1", "localhost")) {
            assertThat(Loading.with("memfuse.http.host", host).auth().enabled())
                    .as(host)
                    .isFalse();
        }
        for (String host : List.of("0.0.0.0", "::", "192.0.2.1")) {
            assertThatThrownBy(() -> Loading.with("memfuse.http.host", host))
                    .as(host)
                    .isInstanceOf(SettingsException.class)
                    .hasMessageStartingWith("memfuse.auth.enabled must be true or false where memfuse.http.host=" + host
                            + " is not a loopback address: memfuse.auth.enabled=auto (");
            Loading said = new Loading().environment("MEMFUSE_HTTP_HOST", host);
            assertThat(said.environment("MEMFUSE_AUTH_ENABLED", "false")
                            .settings()
                            .auth()
                            .enabled())
                    .isFalse();
            assertThat(said.environment("MEMFUSE_AUTH_ENABLED", "true")
                            .settings()
                            .auth()
                            .enabled())
                    .isTrue();
        }
    }

    @Test
    void takesAnAdminKeyOfSomeLengthAndNeverNamesIt() {
        String key = "0123456789abcdefghijklmnopqrstuv";
        MemFuseSettings settings =
                new Loading().environment("MEMFUSE_ADMIN_KEY", key).settings();
        assertThat(settings.auth().adminKey()).contains(key);
        assertThat(settings.toString()).doesNotContain(key);
        for (String wrong : List.of(key.substring(1), key + " " + key, key + "é", key.repeat(8))) {
            assertThatThrownBy(() -> new Loading()
                            .environment("MEMFUSE_ADMIN_KEY", wrong)
                            .settings())
                    .isInstanceOf(SettingsException.class)
                    .hasMessageStartingWith("memfuse.auth.admin-key must be empty or 32 to 255 letters")
                    .hasMessageContaining("memfuse.auth.admin-key=***")
                    .hasMessageNotContaining(wrong);
        }
    }

    @Test
    void namesAnExternalDatabaseAndNeverItsPassword() {
        Database database = new Loading()
                .environment("MEMFUSE_JDBC_URL", "jdbc:postgresql://db/memfuse?password=secret1")
                .environment("MEMFUSE_JDBC_USER", "someone")
                .environment("MEMFUSE_JDBC_PASSWORD", "secret2")
                .settings()
                .database();

        assertThat(database.external())
                .contains(new ExternalDatabase("jdbc:postgresql://db/memfuse?password=secret1", "someone", "secret2"));
        assertThat(database.toString()).contains("jdbc:postgresql://db/memfuse").doesNotContain("secret");
    }

    @Test
    void refusesNull(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("a.conf"), "memfuse.http.port = null");

        assertThatThrownBy(() -> new Loading().file(file).settings())
                .hasMessage("memfuse.http.port must be 0 to 65535, not null");
    }
}
