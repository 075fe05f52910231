package memfuse.persistence.database;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the schema to this program's version: the numbered scripts in {@code db/migration}, each applied once.
 *
 * <p>Nodes that start together take turns by a lock in the database. A failed script leaves the schema as it was before
 * it.
 */
public final class Migrations {

    private static final Logger LOG = LoggerFactory.getLogger(Migrations.class);
    private static final String LOCATION = "classpath:db/migration";

    /** For one statement: building an index over a grown table takes its time. */
    private static final Duration STATEMENT_LIMIT = Duration.ofHours(1);

    private Migrations() {}

    /**
     * Applies what is not applied yet, over connections of its own.
     *
     * @return the number of scripts that were applied
     * @throws DatabaseException when the database cannot be reached, its schema is newer than this program, an applied
     *     script was changed, or one fails
     */
    public static int run(DatabaseSettings settings) {
        return run(settings, LOCATION);
    }

    static int run(DatabaseSettings settings, String location) {
        try {
            Flyway flyway = Flyway.configure()
                    .dataSource(settings.jdbcUrl(), settings.user(), settings.password())
                    .jdbcProperties(driverProperties(settings))
                    .loggers(MigrationLog.class.getName())
                    .locations(location)
                    .schemas(settings.schema())
                    .failOnMissingLocations(true)
                    .validateMigrationNaming(true)
                    .connectRetries(0)
                    .load();
            refuseNewerSchema(flyway, settings);
            int applied = flyway.migrate().migrationsExecuted;
            if (applied > 0) {
                LOG.info("applied {} migrations to {}", applied, settings.displayUrl());
            }
            return applied;
        } catch (FlywayException e) {
            throw new DatabaseException("migrating " + settings.displayUrl() + " failed: " + oneLine(e), e);
        }
    }

    private static Map<String, String> driverProperties(DatabaseSettings settings) {
        Map<String, String> properties = new HashMap<>();
        settings.driverProperties("memfuse-migrations")
                .forEach((name, value) -> properties.put((String) name, (String) value));
        properties.put("socketTimeout", Long.toString(STATEMENT_LIMIT.toSeconds()));
        return properties;
    }

    private static void refuseNewerSchema(Flyway flyway, DatabaseSettings settings) {
        for (MigrationInfo applied : flyway.info().applied()) {
            if (!applied.getState().isResolved()) {
                throw new DatabaseException(
                        "the schema of " + settings.displayUrl() + " is newer than this program: it has migration "
                                + applied.getVersion() + " (" + applied.getDescription() + ")",
                        null);
            }
        }
    }

    /** Flyway's messages are framed paragraphs; what the server said is in the cause. */
    private static String oneLine(FlywayException e) {
        Throwable deepest = e;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return String.join(
                " ",
                Arrays.stream(String.valueOf(deepest.getMessage()).split("\\R"))
                        .map(String::strip)
                        .filter(line -> !line.isEmpty() && !line.matches("-+"))
                        .toList());
    }
}
