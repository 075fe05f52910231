package memfuse.persistence.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where an embedded server lives and how it runs.
 *
 * @param dataDirectory everything the server keeps is below it; made when absent
 * @param distributionDirectory where the binaries are unpacked, shared by any number of processes; null: inside the
 *     data directory
 * @param parameters PostgreSQL parameters over the defaults, e.g. {@code fsync=off} for tests, which holds for the
 *     making of the cluster as well
 * @param startTimeout until the server accepts connections, the recovery after a crash included
 * @param stopTimeout for an orderly stop; after it the server is stopped at once and recovers at its next start
 */
public record EmbeddedPostgresSettings(
        Path dataDirectory,
        @Nullable Path distributionDirectory,
        Map<String, String> parameters,
        Duration startTimeout,
        Duration stopTimeout) {

    private static final Pattern PARAMETER_NAME = Pattern.compile("[a-z_.]+");

    /** No blanks and no quotes: the values pass through a shell, on Windows through another one. */
    private static final Pattern PARAMETER_VALUE = Pattern.compile("[A-Za-z0-9_.:+-]*");

    public EmbeddedPostgresSettings {
        Objects.requireNonNull(dataDirectory, "dataDirectory");
        parameters = Map.copyOf(parameters);
        parameters.forEach((name, value) -> {
            if (!PARAMETER_NAME.matcher(name).matches()
                    || !PARAMETER_VALUE.matcher(value).matches()) {
                throw new IllegalArgumentException("not a plain PostgreSQL parameter: " + name + "=" + value);
            }
        });
        if (startTimeout.toSeconds() < 1 || stopTimeout.toSeconds() < 1) {
            throw new IllegalArgumentException(
                    "timeouts are at least one second: startTimeout=" + startTimeout + ", stopTimeout=" + stopTimeout);
        }
    }

    /** The product's own settings for a data directory. */
    public static EmbeddedPostgresSettings in(Path dataDirectory) {
        return new EmbeddedPostgresSettings(
                dataDirectory, null, Map.of(), Duration.ofMinutes(3), Duration.ofSeconds(30));
    }

    public EmbeddedPostgresSettings withDistributionDirectory(Path directory) {
        return new EmbeddedPostgresSettings(dataDirectory, directory, parameters, startTimeout, stopTimeout);
    }

    public EmbeddedPostgresSettings withParameter(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(parameters);
        more.put(name, value);
        return new EmbeddedPostgresSettings(dataDirectory, distributionDirectory, more, startTimeout, stopTimeout);
    }
}
