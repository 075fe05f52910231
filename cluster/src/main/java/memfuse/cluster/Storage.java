package memfuse.cluster;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import memfuse.actors.session.SessionSettings;
import memfuse.cluster.settings.MemFuseSettings;
import memfuse.persistence.database.Database;
import memfuse.persistence.database.DatabaseSettings;
import memfuse.persistence.database.JournalConfig;
import memfuse.persistence.database.Migrations;
import memfuse.persistence.server.EmbeddedPostgres;
import memfuse.persistence.server.EmbeddedPostgresException;
import memfuse.persistence.server.EmbeddedPostgresException.Reason;
import memfuse.persistence.server.EmbeddedPostgresSettings;
import memfuse.persistence.server.HostedPostgres;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's PostgreSQL: an embedded server of its own or of another node, or an external one, with the schema of this
 * version and a warm pool. Closed after everything that writes to it.
 */
final class Storage implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Storage.class);

    /** Until another node that hosts the embedded server has started it; each look at it takes two seconds. */
    private static final Duration HOST_START_LIMIT = Duration.ofMinutes(3);

    private final @Nullable EmbeddedPostgres server;
    private final Database database;

    private Storage(@Nullable EmbeddedPostgres server, Database database) {
        this.server = server;
        this.database = database;
    }

    /**
     * Starts the embedded server unless an external one is set, and brings the schema up to date. A node that is one of
     * several uses the server of its data directory that another one hosts. A database that is not there yet is waited
     * for, as long as the settings say.
     *
     * @param stopping whether there is no use in waiting any longer
     */
    static Storage open(MemFuseSettings settings, BooleanSupplier stopping) {
        MemFuseSettings.Database wanted = settings.database();
        if (wanted.external().isPresent()) {
            var external = wanted.external().get();
            return open(
                    null, DatabaseSettings.of(external.url(), external.user(), external.password()), wanted, stopping);
        }
        long deadlineNanos = System.nanoTime() + HOST_START_LIMIT.toNanos();
        while (true) {
            try {
                return host(settings, stopping);
            } catch (EmbeddedPostgresException refused) {
                boolean hosted =
                        refused.reason() == Reason.IN_USE && settings.cluster().hasOthers();
                if (!hosted || System.nanoTime() - deadlineNanos > 0) {
                    throw refused;
                }
            }
            Optional<HostedPostgres> found = HostedPostgres.find(settings.dataDir());
            if (found.isPresent()) {
                HostedPostgres server = found.get();
                LOG.info("using the PostgreSQL that another node hosts in {}", settings.dataDir());
                return open(
                        null,
                        DatabaseSettings.of(server.jdbcUrl(), server.user(), server.password()),
                        wanted,
                        stopping);
            }
        }
    }

    private static Storage host(MemFuseSettings settings, BooleanSupplier stopping) {
        MemFuseSettings.Database wanted = settings.database();
        EmbeddedPostgresSettings embedded = EmbeddedPostgresSettings.in(settings.dataDir());
        if (wanted.binariesDir().isPresent()) {
            embedded = embedded.withDistributionDirectory(wanted.binariesDir().get());
        }
        EmbeddedPostgres server = EmbeddedPostgres.start(embedded);
        try {
            return open(
                    server, DatabaseSettings.of(server.jdbcUrl(), server.user(), server.password()), wanted, stopping);
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private static Storage open(
            @Nullable EmbeddedPostgres server,
            DatabaseSettings reached,
            MemFuseSettings.Database wanted,
            BooleanSupplier stopping) {
        DatabaseSettings settings = reached.withPoolSizes(wanted.journalPoolSize(), wanted.layerPoolSize())
                .withTimeouts(wanted.connectionTimeout(), wanted.socketTimeout(), reached.healthCheckInterval());
        Database database = DatabaseWait.forUpTo(wanted.startTimeout(), stopping, () -> {
            Migrations.run(settings);
            return Database.open(settings);
        });
        return new Storage(server, database);
    }

    Database database() {
        return database;
    }

    /** The actor system's configuration of the journal in this database. */
    Config journalConfig() {
        return JournalConfig.of(database.settings(), SessionSettings.LONGEST_JOURNAL);
    }

    /** As told in {@code /health}: {@code embedded} where this node hosts the server, and {@code external} otherwise. */
    String kind() {
        return server == null ? "external" : "embedded";
    }

    @Override
    public void close() {
        database.close();
        if (server != null) {
            server.close();
        }
    }
}
