package memfuse.persistence.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DatabaseSettingsTest {

    private static final DatabaseSettings SETTINGS =
            DatabaseSettings.of("jdbc:postgresql://host:5432/memfuse?sslmode=require", "user", "secret");

    @Test
    void hasTheProductsOwnSizesAndTimeouts() {
        assertThat(SETTINGS.schema()).isEqualTo("public");
        assertThat(SETTINGS.journalPoolSize()).isEqualTo(10);
        assertThat(SETTINGS.layerPoolSize()).isEqualTo(10);
        assertThat(SETTINGS.connectionTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(SETTINGS.socketTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(SETTINGS.healthCheckInterval()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void tellsTheDriverToBatchAndToNoticeADeadServer() {
        assertThat(SETTINGS.driverProperties("memfuse-layers"))
                .containsEntry("ApplicationName", "memfuse-layers")
                .containsEntry("reWriteBatchedInserts", "true")
                .containsEntry("tcpKeepAlive", "true")
                .containsEntry("socketTimeout", "30")
                .containsEntry("connectTimeout", "5")
                .doesNotContainKey("currentSchema");
        assertThat(SETTINGS.withSchema("memory").driverProperties("memfuse-layers"))
                .containsEntry("currentSchema", "memory");
    }

    @Test
    void givesTheJournalTheSameDatabase() {
        var config = JournalConfig.of(SETTINGS.withPoolSizes(3, 4), 1000)
                .getConfig("pekko-persistence-jdbc.shared-databases.memfuse.db");
        assertThat(config.getString("url")).isEqualTo(SETTINGS.jdbcUrl());
        assertThat(config.getString("user")).isEqualTo("user");
        assertThat(config.getString("password")).isEqualTo("secret");
        assertThat(config.getInt("numThreads")).isEqualTo(3);
        assertThat(config.getInt("maxConnections")).isEqualTo(3);
        assertThat(config.getInt("minConnections")).isEqualTo(3);
        assertThat(config.getInt("connectionTimeout")).isEqualTo(5_000);
        assertThat(config.getString("properties.reWriteBatchedInserts")).isEqualTo("true");
    }

    @Test
    void readsTheLongestJournalInOneStatement() {
        var journal = JournalConfig.of(SETTINGS, 1000).getConfig(JournalConfig.JOURNAL_PLUGIN);
        assertThat(journal.getInt("replayBatchSize")).isEqualTo(1001);
    }

    @Test
    void neverPrintsThePassword() {
        assertThat(SETTINGS.toString())
                .contains("jdbc:postgresql://host:5432/memfuse")
                .doesNotContain("secret");
    }

    @Test
    void refusesWhatCannotWorkByItsName() {
        assertThatThrownBy(() -> DatabaseSettings.of("jdbc:h2:mem:x", "u", "p")).hasMessageContaining("jdbcUrl");
        assertThatThrownBy(() -> SETTINGS.withSchema("a;b")).hasMessageContaining("schema");
        assertThatThrownBy(() -> SETTINGS.withPoolSizes(0, 1)).hasMessageContaining("journalPoolSize");
        assertThatThrownBy(() -> SETTINGS.withPoolSizes(1, 1001)).hasMessageContaining("layerPoolSize");
        Duration second = Duration.ofSeconds(1);
        assertThatThrownBy(() -> SETTINGS.withTimeouts(Duration.ZERO, second, second))
                .hasMessageContaining("connectionTimeout");
        assertThatThrownBy(() -> SETTINGS.withTimeouts(second, Duration.ZERO, second))
                .hasMessageContaining("socketTimeout");
        assertThatThrownBy(() -> SETTINGS.withTimeouts(second, second, Duration.ZERO))
                .hasMessageContaining("healthCheckInterval");
    }
}
