package memfuse.persistence.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import memfuse.persistence.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class DatabaseTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    @RegisterExtension
    static final TestDatabase POSTGRES = TestDatabase.empty();

    @Test
    void opensAllConnectionsBeforeTheyAreAskedFor() throws SQLException {
        try (Database database = Database.open(settings().withPoolSizes(1, 7));
                Connection connection = database.dataSource().getConnection()) {
            long deadlineNanos = System.nanoTime() + LIMIT.toNanos();
            while (connections(connection) < 7) {
                assertThat(System.nanoTime()).as("connections in time").isLessThan(deadlineNanos);
            }
        }
    }

    private static int connections(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM pg_stat_activity"
                        + " WHERE datname = current_database() AND application_name = 'memfuse-layers'")) {
            row.next();
            return row.getInt(1);
        }
    }

    @Test
    void refusesAConnectionInTimeWhenAllAreTaken() throws SQLException {
        DatabaseSettings settings = settings()
                .withPoolSizes(1, 1)
                .withTimeouts(Duration.ofMillis(250), Duration.ofSeconds(30), Duration.ofHours(1));
        try (Database database = Database.open(settings);
                Connection taken = database.dataSource().getConnection()) {
            assertThatThrownBy(() -> database.dataSource().getConnection())
                    .isInstanceOf(SQLTransientConnectionException.class);
            assertThat(taken.isValid(5)).isTrue();
        }
    }

    @Test
    void tellsWhenTheServerIsGoneAndWhenItIsBack() throws SQLException {
        try (TestDatabase postgres = TestDatabase.empty();
                Database database = Database.open(postgres.settings()
                        .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofMillis(20)))) {
            assertThat(database.health().up()).isTrue();

            postgres.goAway();
            DatabaseHealth gone = await(database, health -> !health.up());
            assertThat(gone.problem()).isNotEmpty().doesNotContain("\n");

            postgres.comeBack();
            DatabaseHealth back = await(database, DatabaseHealth::up);
            assertThat(back.checkedAt()).isAfter(gone.checkedAt());
            awaitWorkingPool(database);
        }
    }

    @Test
    void staysHealthyWhileThePoolIsExhausted() throws SQLException {
        DatabaseSettings settings = settings()
                .withPoolSizes(1, 1)
                .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofMillis(10));
        try (Database database = Database.open(settings);
                Connection taken = database.dataSource().getConnection()) {
            var before = database.health().checkedAt();
            DatabaseHealth later = await(database, health -> health.checkedAt().isAfter(before));
            assertThat(later.up()).isTrue();
            assertThat(taken.isClosed()).isFalse();
        }
    }

    @Test
    void namesTheDatabaseAndTheCauseWithoutThePassword() {
        DatabaseSettings wrong = DatabaseSettings.of(
                settings().jdbcUrl() + "?password=secret&user=nobody",
                settings().user(),
                "other-secret");
        assertThatThrownBy(() -> Database.open(wrong))
                .isInstanceOf(DatabaseException.class)
                .hasMessageContaining(settings().jdbcUrl())
                .hasMessageContaining("authentication failed")
                .hasMessageNotContaining("secret")
                .matches(refused -> !((DatabaseException) refused).isPassing(), "no wait mends it");
    }

    @Test
    void namesAServerThatIsNotThere() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        DatabaseSettings nowhere = DatabaseSettings.of("jdbc:postgresql://127.0.0.1:" + port + "/x", "u", "p")
                .withTimeouts(Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofSeconds(1));
        assertThatThrownBy(() -> Database.open(nowhere))
                .isInstanceOf(DatabaseException.class)
                .hasMessageContaining("127.0.0.1:" + port)
                .hasMessageContaining("refused")
                .matches(refused -> ((DatabaseException) refused).isPassing(), "it may come later");
        assertThatThrownBy(() -> Migrations.run(nowhere))
                .isInstanceOf(DatabaseException.class)
                .matches(refused -> ((DatabaseException) refused).isPassing(), "it may come later");
    }

    private static DatabaseSettings settings() {
        return POSTGRES.settings();
    }

    /** A connection that was used in the last half second is given out without a look at it. */
    private static void awaitWorkingPool(Database database) {
        long deadlineNanos = System.nanoTime() + LIMIT.toNanos();
        while (System.nanoTime() - deadlineNanos < 0) {
            try (Connection connection = database.dataSource().getConnection()) {
                if (connection.isValid(5)) {
                    return;
                }
            } catch (SQLException e) {
                LockSupport.parkNanos(1_000_000);
            }
        }
        throw new AssertionError("the pool gives out no connection that works");
    }

    private static DatabaseHealth await(Database database, Predicate<DatabaseHealth> wanted) {
        long deadlineNanos = System.nanoTime() + LIMIT.toNanos();
        while (System.nanoTime() - deadlineNanos < 0) {
            DatabaseHealth health = database.health();
            if (wanted.test(health)) {
                return health;
            }
            LockSupport.parkNanos(1_000_000);
        }
        throw new AssertionError("still " + database.health());
    }
}
