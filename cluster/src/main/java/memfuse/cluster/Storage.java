package memfuse.cluster;

import com.typesafe.config.Config;
import memfuse.actors.session.SessionSettings;
import memfuse.cluster.settings.MemFuseSettings;
import memfuse.persistence.database.Database;
import memfuse.persistence.database.DatabaseSettings;
import memfuse.persistence.database.JournalConfig;
import memfuse.persistence.database.Migrations;
import memfuse.persistence.server.EmbeddedPostgres;
import memfuse.persistence.server.EmbeddedPostgresSettings;
import org.jspecify.annotations.Nullable;

/**
 * The node's PostgreSQL: an embedded server of its own or an external one, with the schema of this version and a warm
 * pool. Closed after everything that writes to it.
 */
final class Storage implements AutoCloseable {
    private final @Nullable EmbeddedPostgres server;
    private final Database database;

    private Storage(@Nullable EmbeddedPostgres server, Database database) {
        this.server = server;
        this.database = database;
    }

    /** Starts the embedded server unless an external one is set, and brings the schema up to date. */
    static Storage open(MemFuseSettings settings) {
        MemFuseSettings.Database wanted = settings.database();
        if (wanted.external().isPresent()) {
            var external = wanted.external().get();
            return open(null, DatabaseSettings.of(external.url(), external.user(), external.password()), wanted);
        }
        EmbeddedPostgresSettings embedded = EmbeddedPostgresSettings.in(settings.dataDir());
        if (wanted.binariesDir().isPresent()) {
            embedded = embedded.withDistributionDirectory(wanted.binariesDir().get());
        }
        EmbeddedPostgres server = EmbeddedPostgres.start(embedded);
        try {
            return open(server, DatabaseSettings.of(server.jdbcUrl(), server.user(), server.password()), wanted);
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private static Storage open(
            @Nullable EmbeddedPostgres server, DatabaseSettings reached, MemFuseSettings.Database wanted) {
        DatabaseSettings settings = reached.withPoolSizes(wanted.journalPoolSize(), wanted.layerPoolSize())
                .withTimeouts(wanted.connectionTimeout(), wanted.socketTimeout(), reached.healthCheckInterval());
        Migrations.run(settings);
        return new Storage(server, Database.open(settings));
    }

    Database database() {
        return database;
    }

    /** The actor system's configuration of the journal in this database. */
    Config journalConfig() {
        return JournalConfig.of(database.settings(), SessionSettings.LONGEST_JOURNAL);
    }

    /** As told at the start and in {@code /health}: {@code embedded} or {@code external}. */
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
