package memfuse.persistence.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import memfuse.persistence.database.DatabaseSettings;
import memfuse.persistence.database.Migrations;
import memfuse.persistence.server.EmbeddedPostgres;
import memfuse.persistence.server.EmbeddedPostgresException;
import memfuse.persistence.server.EmbeddedPostgresSettings;
import org.jspecify.annotations.Nullable;

/**
 * The one server of a test JVM, started at its first use and stopped with the JVM.
 *
 * <p>Binaries and clusters are kept between runs below the directory for temporary files, in numbered places of which a
 * JVM takes the first that no other holds: only the first run ever unpacks and initialises. Nothing of an earlier run
 * is kept in a cluster. It does not wait for the disk, so tests of durability need a server of their own.
 */
public final class TestServer {

    static final String TEST_PREFIX = "memfuse_test_";

    private static final String TEMPLATE = "memfuse_test_template";
    private static final int MOST_TEST_JVMS = 64;
    private static final int POOL_SIZE = 4;

    private static @Nullable TestServer shared;

    private final EmbeddedPostgres server;
    private boolean templateMigrated;

    private TestServer(EmbeddedPostgres server) {
        this.server = server;
    }

    /** Starts the server at the first call. */
    static synchronized TestServer shared() {
        TestServer found = shared;
        if (found == null) {
            found = new TestServer(startInFirstFreePlace());
            Runtime.getRuntime().addShutdownHook(new Thread(found.server::close, "stop-test-postgres"));
            found.dropLeftovers();
            shared = found;
        }
        return found;
    }

    /** Where test servers may share the unpacked binaries. */
    public static Path distributionDirectory() {
        return base().resolve("distribution");
    }

    synchronized String migratedTemplate() {
        if (!templateMigrated) {
            try {
                execute("CREATE DATABASE " + TEMPLATE + " TEMPLATE template0");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            Migrations.run(settings(TEMPLATE));
            templateMigrated = true;
        }
        return TEMPLATE;
    }

    DatabaseSettings settings(String database) {
        String url = "jdbc:postgresql://127.0.0.1:" + server.port() + "/" + database;
        return DatabaseSettings.of(url, server.user(), server.password()).withPoolSizes(POOL_SIZE, POOL_SIZE);
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(server.jdbcUrl(), server.user(), server.password());
    }

    private void dropLeftovers() {
        List<String> leftovers = new ArrayList<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT datname FROM pg_database")) {
            while (rows.next()) {
                leftovers.add(rows.getString(1));
            }
            leftovers.removeIf(name -> !name.startsWith(TEST_PREFIX));
            for (String name : leftovers) {
                execute("DROP DATABASE " + name + " WITH (FORCE)");
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static EmbeddedPostgres startInFirstFreePlace() {
        for (int place = 0; place < MOST_TEST_JVMS; place++) {
            try {
                return EmbeddedPostgres.start(EmbeddedPostgresSettings.in(base().resolve("server-" + place))
                        .withDistributionDirectory(distributionDirectory())
                        .withParameter("fsync", "off")
                        .withParameter("synchronous_commit", "off")
                        .withParameter("full_page_writes", "off"));
            } catch (EmbeddedPostgresException e) {
                if (e.reason() != EmbeddedPostgresException.Reason.IN_USE) {
                    throw e;
                }
            }
        }
        throw new IllegalStateException(MOST_TEST_JVMS + " test servers run in " + base());
    }

    /** A directory of this user's; the same name made by somebody else is not trusted. */
    private static Path base() {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        Path base = temporary.resolve("memfuse-test-postgres-" + System.getProperty("user.name"));
        try {
            Files.createDirectories(base);
            Path mine = Files.createTempFile(temporary, "memfuse-", ".owner");
            try {
                if (Files.isSymbolicLink(base)
                        || !Files.getOwner(base, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(mine))) {
                    throw new IllegalStateException(base + " belongs to somebody else");
                }
            } finally {
                Files.delete(mine);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return base;
    }
}
