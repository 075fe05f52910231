package memfuse.persistence.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import memfuse.persistence.server.EmbeddedPostgresException.Reason;
import memfuse.persistence.testing.TestServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills, as kill -9 does, of the process that owns a server, of the server, and of both. */
class KilledProcessTest {

    private static final Duration RESTART_LIMIT = Duration.ofSeconds(60);

    @TempDir
    Path temporary;

    @Test
    void adoptsTheServerOfAKilledProcess() throws IOException, SQLException {
        try (OwnerProcess owner = OwnerProcess.start(temporary, "fsync", "off")) {
            owner.kill();
            try (EmbeddedPostgres server = EmbeddedPostgres.start(settings())) {
                assertThat(server.adopted()).isTrue();
                assertThat(server.postmasterPid()).isEqualTo(owner.postmasterPid());
                assertThat(Sql.query(server, "SELECT 1")).isEqualTo("1");
            }
        }
    }

    @Test
    void startsAnewWhenTheServerLeftRunningHasOtherParameters() throws IOException, SQLException {
        try (OwnerProcess owner = OwnerProcess.start(temporary, "fsync", "off", "max_connections", "17")) {
            owner.kill();
            try (EmbeddedPostgres server = EmbeddedPostgres.start(settings())) {
                assertThat(server.adopted()).isFalse();
                assertThat(server.postmasterPid()).isNotEqualTo(owner.postmasterPid());
                assertThat(Sql.query(server, "SHOW max_connections")).isEqualTo("200");
            }
        }
    }

    @Test
    void namesTheOtherProcessThatHoldsTheDirectory() throws IOException {
        try (OwnerProcess owner = OwnerProcess.start(temporary, "fsync", "off")) {
            assertThatThrownBy(() -> EmbeddedPostgres.start(settings()))
                    .isInstanceOfSatisfying(
                            EmbeddedPostgresException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.IN_USE))
                    .hasMessageEndingWith(temporary.toRealPath() + ", pid=" + owner.pid());
            owner.kill();
            EmbeddedPostgres.start(settings()).close();
        }
    }

    @Test
    void waitsForAProcessThatIsOnItsWayOut() throws IOException {
        try (OwnerProcess owner = OwnerProcess.start(temporary, "fsync", "off")) {
            AtomicInteger pauses = new AtomicInteger();
            DataDirectoryLock.acquire(temporary, () -> {
                        if (pauses.incrementAndGet() == 3) {
                            owner.kill();
                        }
                    })
                    .close();
            assertThat(pauses).hasValue(3);
            EmbeddedPostgres.start(settings()).close();
        }
    }

    @Test
    void recoversWhenOwnerAndServerWereKilled() throws IOException, SQLException {
        try (EmbeddedPostgres first = EmbeddedPostgres.start(settings())) {
            Sql.execute(first, "CREATE TABLE kept (n BIGINT)");
        }
        try (OwnerProcess owner = OwnerProcess.start(temporary, "fsync", "off")) {
            owner.kill();
            try (EmbeddedPostgres adopted = EmbeddedPostgres.start(settings())) {
                Sql.execute(adopted, "INSERT INTO kept SELECT generate_series(1, 1000)");
            }
        }
        try (OwnerProcess owner = OwnerProcess.start(temporary, "fsync", "off")) {
            owner.kill();
            kill(owner.postmasterPid());
            try (EmbeddedPostgres server = EmbeddedPostgres.start(settings())) {
                assertThat(server.adopted()).isFalse();
                assertThat(Sql.query(server, "SELECT count(*) FROM kept")).isEqualTo("1000");
            }
        }
    }

    @Test
    void startsAKilledServerAgainOnItsPort() throws SQLException {
        try (EmbeddedPostgres server = EmbeddedPostgres.start(settings())) {
            Sql.execute(server, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n");
            String url = server.jdbcUrl();
            long killed = server.postmasterPid();
            kill(killed);
            awaitConnection(server);
            assertThat(Sql.query(server, "SELECT count(*) FROM kept")).isEqualTo("1000");
            assertThat(server.jdbcUrl()).isEqualTo(url);
        }
        EmbeddedPostgres.start(settings()).close();
    }

    private static void kill(long pid) {
        ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
        process.destroyForcibly();
        process.onExit().join();
    }

    private static void awaitConnection(EmbeddedPostgres server) {
        long deadlineNanos = System.nanoTime() + RESTART_LIMIT.toNanos();
        while (System.nanoTime() - deadlineNanos < 0) {
            try (Connection connection = Sql.connect(server)) {
                if (connection.isValid(5)) {
                    return;
                }
            } catch (SQLException e) {
                Pause.millis(20);
            }
        }
        throw new AssertionError("the server did not come back");
    }

    private EmbeddedPostgresSettings settings() {
        return EmbeddedPostgresSettings.in(temporary)
                .withDistributionDirectory(TestServer.distributionDirectory())
                .withParameter("fsync", "off");
    }
}
