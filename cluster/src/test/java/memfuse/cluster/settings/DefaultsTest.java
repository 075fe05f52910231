package memfuse.cluster.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class DefaultsTest {
    @Test
    void knowsTheEnvironmentNames() {
        assertThat(new Defaults().environmentNames())
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        Map.entry("MEMFUSE_ADMIN_KEY", "memfuse.auth.admin-key"),
                        Map.entry("MEMFUSE_AUTH_ENABLED", "memfuse.auth.enabled"),
                        Map.entry("MEMFUSE_RATE_LIMIT_PER_MINUTE", "memfuse.rate_limit.per_minute"),
                        Map.entry("MEMFUSE_BUFFER_ENABLED", "memfuse.buffer.enabled"),
                        Map.entry("MEMFUSE_CLUSTER_HOST", "memfuse.cluster.host"),
                        Map.entry("MEMFUSE_CLUSTER_PORT", "memfuse.cluster.port"),
                        Map.entry("MEMFUSE_CLUSTER_DISCOVERY", "memfuse.cluster.discovery"),
                        Map.entry("MEMFUSE_CLUSTER_SERVICE_NAME", "memfuse.cluster.service-name"),
                        Map.entry("MEMFUSE_CLUSTER_REQUIRED_CONTACT_POINTS", "memfuse.cluster.required-contact-points"),
                        Map.entry("MEMFUSE_CLUSTER_JOIN_TIMEOUT", "memfuse.cluster.join-timeout"),
                        Map.entry("MEMFUSE_SEED_NODES", "memfuse.cluster.seed-nodes"),
                        Map.entry("MEMFUSE_MANAGEMENT_HOST", "memfuse.management.host"),
                        Map.entry("MEMFUSE_MANAGEMENT_PORT", "memfuse.management.port"),
                        Map.entry("MEMFUSE_DATABASE_START_TIMEOUT", "memfuse.database.start-timeout"),
                        Map.entry("MEMFUSE_DATA_DIR", "memfuse.data-dir"),
                        Map.entry("MEMFUSE_EMBEDDING_API_KEY", "memfuse.embedding.openai.api-key"),
                        Map.entry("MEMFUSE_EMBEDDING_BASE_URL", "memfuse.embedding.openai.base-url"),
                        Map.entry("MEMFUSE_EMBEDDING_DIMENSIONS", "memfuse.embedding.openai.dimensions"),
                        Map.entry("MEMFUSE_EMBEDDING_OPENAI_MODEL", "memfuse.embedding.openai.model"),
                        Map.entry("MEMFUSE_EMBEDDING_MODEL", "memfuse.embedding.model"),
                        Map.entry("MEMFUSE_FACTS_API_KEY", "memfuse.facts.api-key"),
                        Map.entry("MEMFUSE_FACTS_BASE_URL", "memfuse.facts.base-url"),
                        Map.entry("MEMFUSE_FACTS_EXTRACTOR", "memfuse.facts.extractor"),
                        Map.entry("MEMFUSE_FACTS_MODEL", "memfuse.facts.model"),
                        Map.entry("MEMFUSE_HTTP_HOST", "memfuse.http.host"),
                        Map.entry("MEMFUSE_HTTP_PORT", "memfuse.http.port"),
                        Map.entry("MEMFUSE_JDBC_PASSWORD", "memfuse.database.password"),
                        Map.entry("MEMFUSE_JDBC_URL", "memfuse.database.url"),
                        Map.entry("MEMFUSE_JDBC_USER", "memfuse.database.user"),
                        Map.entry("MEMFUSE_LOG_LEVEL", "memfuse.log-level"),
                        Map.entry("MEMFUSE_POSTGRES_BINARIES_DIR", "memfuse.database.binaries-dir")));
    }

    @Test
    void takesFromTheEnvironmentOnlyWhatIsThere() {
        assertThat(new Defaults()
                        .setBy(Map.of("MEMFUSE_HTTP_PORT", "81", "MEMFUSE_HTTP_HOST", "", "PATH", "/bin"))
                        .entrySet())
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.getKey()).isEqualTo("memfuse.http.port");
                    assertThat(entry.getValue().unwrapped()).isEqualTo("81");
                });
    }
}
