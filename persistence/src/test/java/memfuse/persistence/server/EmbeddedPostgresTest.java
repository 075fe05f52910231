package memfuse.persistence.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import memfuse.persistence.server.EmbeddedPostgresException.Reason;
import memfuse.persistence.testing.TestServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresTest {

    @TempDir
    Path temporary;

    @Test
    void startsInAnEmptyDirectoryAndIsHeldByThisProcessAlone() throws IOException, SQLException {
        EmbeddedPostgresSettings durable = EmbeddedPostgresSettings.in(temporary.resolve("data"))
                .withDistributionDirectory(TestServer.distributionDirectory());
        try (EmbeddedPostgres server = EmbeddedPostgres.start(durable)) {
            assertThat(server.adopted()).isFalse();
            assertThat(ProcessHandle.of(server.postmasterPid())).isPresent();
            runsWithDurableSettings(server);
            asksForThePassword(server);
            refusesASecondOwner(server);
        }
    }

    private static void runsWithDurableSettings(EmbeddedPostgres server) throws SQLException {
        assertThat(Sql.query(server, "SHOW server_version")).startsWith("18.");
        assertThat(Sql.query(server, "SHOW fsync")).isEqualTo("on");
        assertThat(Sql.query(server, "SHOW synchronous_commit")).isEqualTo("on");
        assertThat(Sql.query(server, "SHOW full_page_writes")).isEqualTo("on");
        assertThat(Sql.query(server, "SHOW data_checksums")).isEqualTo("on");
        assertThat(Sql.query(server, "SHOW server_encoding")).isEqualTo("UTF8");
        assertThat(Sql.query(server, "SHOW max_connections")).isEqualTo("200");
        assertThat(Sql.query(server, "SHOW listen_addresses")).isEqualTo("127.0.0.1");
        assertThat(Sql.query(server, "SHOW unix_socket_directories")).isEmpty();
        assertThat(Sql.query(server, "SELECT lower('ÄÖÜ')")).isEqualTo("äöü");
    }

    private static void asksForThePassword(EmbeddedPostgres server) throws IOException {
        assertThatThrownBy(() -> connect(server, server.user(), "wrong")).hasMessageContaining("authentication");
        Path file = server.dataDirectory().resolve("postgres/password");
        assertThat(Files.readString(file)).isEqualTo(server.password()).hasSizeGreaterThan(30);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    private static void refusesASecondOwner(EmbeddedPostgres server) throws SQLException {
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThatThrownBy(() -> EmbeddedPostgres.start(EmbeddedPostgresSettings.in(server.dataDirectory())))
                    .isInstanceOf(EmbeddedPostgresException.class)
                    .hasMessage("the data directory is in use by another process: " + server.dataDirectory() + ", pid="
                            + ProcessHandle.current().pid());
        }
        assertThat(Sql.query(server, "SELECT 1")).isEqualTo("1");
    }

    @Test
    void keepsWhatWasCommittedOverARestart() throws SQLException {
        try (EmbeddedPostgres server = EmbeddedPostgres.start(settings("data"))) {
            Sql.execute(server, "CREATE TABLE kept AS SELECT 'written' AS text");
        }
        try (EmbeddedPostgres server = EmbeddedPostgres.start(settings("data"))) {
            assertThat(Sql.query(server, "SELECT text FROM kept")).isEqualTo("written");
            assertThat(server.adopted()).isFalse();
        }
    }

    @Test
    void stopsWhileClientsAreConnectedAndOnlyOnce() throws SQLException {
        EmbeddedPostgres server = EmbeddedPostgres.start(settings("data"));
        Connection open = Sql.connect(server);
        open.setAutoCommit(false);
        assertThat(open.isValid(5)).isTrue();
        server.close();
        server.close();
        assertThat(open.isValid(5)).isFalse();
        assertThat(server.dataDirectory().resolve("postgres/cluster/postmaster.pid"))
                .doesNotExist();
        EmbeddedPostgres.start(settings("data")).close();
    }

    @Test
    void takesAnotherPortWhenSomebodyHasTakenTheFirst() throws IOException, SQLException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            AtomicInteger asked = new AtomicInteger();
            IntSupplier ports = () -> asked.getAndIncrement() == 0 ? taken.getLocalPort() : EmbeddedPostgres.freePort();
            try (EmbeddedPostgres server = EmbeddedPostgres.start(settings("data"), ports)) {
                assertThat(asked.get()).isGreaterThan(1);
                assertThat(server.port()).isNotEqualTo(taken.getLocalPort());
                assertThat(Sql.query(server, "SELECT 1")).isEqualTo("1");
            }
        }
    }

    @Test
    void runsAsRootBelowADirectoryThatNobodyElseMayEnter() throws IOException, SQLException {
        assumeTrue(SystemUser.thisProcessIsRoot(Platform.current()));
        Path closed = Files.createDirectory(temporary.resolve("closed"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
        EmbeddedPostgresSettings settings =
                EmbeddedPostgresSettings.in(closed.resolve("a b/dätä")).withParameter("fsync", "off");
        try (EmbeddedPostgres server = EmbeddedPostgres.start(settings)) {
            assertThat(Sql.query(server, "SELECT 1")).isEqualTo("1");
            assertThat(Files.getAttribute(Path.of("/proc", Long.toString(server.postmasterPid())), "unix:uid"))
                    .isNotEqualTo(0);
        }
        try (EmbeddedPostgres server = EmbeddedPostgres.start(settings)) {
            assertThat(Sql.query(server, "SELECT 1")).isEqualTo("1");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(closed)))
                .isEqualTo("rwx------");
    }

    @Test
    void needsNoCapabilityAsRootWhereEveryoneMayEnter() throws IOException {
        assumeTrue(SystemUser.thisProcessIsRoot(Platform.current()));
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (EmbeddedPostgres server = EmbeddedPostgres.start(settings("data"))) {
            Path status = Path.of("/proc", Long.toString(server.postmasterPid()), "status");
            assertThat(Files.readAllLines(status)).contains("CapEff:\t0000000000000000");
        }
    }

    @Test
    void takesOverAClusterThatWasCopiedByRoot() throws IOException, SQLException {
        assumeTrue(SystemUser.thisProcessIsRoot(Platform.current()));
        EmbeddedPostgres.start(settings("data")).close();
        FileTrees.chown(temporary.resolve("data"), 0, 0);
        try (EmbeddedPostgres server = EmbeddedPostgres.start(settings("data"))) {
            assertThat(Sql.query(server, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void followsALinkToTheDataDirectory() throws IOException {
        Path real = Files.createDirectory(temporary.resolve("real"));
        Files.createSymbolicLink(temporary.resolve("link"), real);
        try (EmbeddedPostgres server = EmbeddedPostgres.start(settings("link"))) {
            assertThat(server.dataDirectory()).isEqualTo(real.toRealPath());
        }
    }

    @Test
    void throwsAwayWhatKilledProcessesAndACrashLeft() throws IOException, SQLException {
        Path directory = Files.createDirectories(temporary.resolve("data/postgres"));
        Files.writeString(
                Files.createDirectories(directory.resolve("cluster.new-1/base")).resolve("1"), "half");
        Files.writeString(directory.resolve("password.init"), "half");
        Files.writeString(directory.resolve("tool-1.out"), "half");
        EmbeddedPostgres.start(settings("data")).close();
        Files.createFile(PostmasterFile.of(directory.resolve("cluster")));

        try (EmbeddedPostgres server = EmbeddedPostgres.start(settings("data"))) {
            assertThat(Sql.query(server, "SELECT 1")).isEqualTo("1");
        }
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("cluster", "log", "password");
        }
    }

    @Test
    void isNotFooledByAProcessThatGotTheNumberOfADeadServer() throws IOException, SQLException {
        EmbeddedPostgres first = EmbeddedPostgres.start(settings("data"));
        Path cluster = first.dataDirectory().resolve("postgres/cluster");
        List<String> left = Files.readAllLines(PostmasterFile.of(cluster));
        first.close();
        left.set(0, Long.toString(ProcessHandle.current().pid()));
        Files.write(PostmasterFile.of(cluster), left);

        try (EmbeddedPostgres server = EmbeddedPostgres.start(settings("data"))) {
            assertThat(server.adopted()).isFalse();
            assertThat(Sql.query(server, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void leavesAServerThatRunsAsItIsWhenASecondStartFails() throws IOException, SQLException {
        EmbeddedPostgresSettings settings = settings("data");
        try (EmbeddedPostgres server = EmbeddedPostgres.start(settings)) {
            Postmaster second = secondPostmaster(server, settings);
            assertThatThrownBy(() -> second.start(EmbeddedPostgres::freePort, settings.startTimeout()))
                    .isInstanceOf(EmbeddedPostgresException.class)
                    .hasMessageContaining("postmaster.pid");
            assertThat(PostmasterFile.read(server.dataDirectory().resolve("postgres/cluster")))
                    .hasValueSatisfying(file -> assertThat(file.pid()).isEqualTo(server.postmasterPid()));
            assertThat(Sql.query(server, "SELECT 1")).isEqualTo("1");
        }
    }

    private static Postmaster secondPostmaster(EmbeddedPostgres server, EmbeddedPostgresSettings settings)
            throws IOException {
        Platform platform = Platform.current();
        Path directory = server.dataDirectory().resolve("postgres");
        Path cluster = Cluster.in(directory);
        Distribution distribution = Distribution.in(TestServer.distributionDirectory(), platform);
        ServerAccount account = ServerAccount.forCluster(cluster, directory, distribution, platform);
        ServerTools tools = new ServerTools(distribution, account, directory);
        return new Postmaster(cluster, tools, ServerLog.in(directory, account), platform, settings.parameters());
    }

    @Test
    void refusesAClusterOfAnotherMajorVersion() throws IOException {
        Path cluster = Files.createDirectories(temporary.resolve("data/postgres/cluster"));
        Files.writeString(cluster.resolve("PG_VERSION"), "17\n");
        refuses(settings("data"), Reason.WRONG_CLUSTER, cluster + ", version=17, supported=18");
    }

    @Test
    void refusesAClusterDirectoryThatIsNone() throws IOException {
        Path cluster = Files.createDirectories(temporary.resolve("data/postgres/cluster"));
        refuses(settings("data"), Reason.WRONG_CLUSTER, cluster + " has no PG_VERSION");
    }

    @Test
    void namesTheFileThatShouldBeADirectory() throws IOException {
        Path file = Files.writeString(temporary.resolve("file"), "");
        refuses(settings("file"), Reason.NOT_A_DIRECTORY, file.toString());
        refuses(settings("file/data"), Reason.NOT_A_DIRECTORY, file.toString());
    }

    @Test
    void refusesAPathThatTheToolsOfPostgresCannotTake() {
        refuses(settings("da$ta"), Reason.BAD_PATH, "da$ta");
    }

    @Test
    void saysWhatTheServerSaidWhenItDoesNotStart() {
        refuses(
                settings("data").withParameter("shared_buffers", "nonsense"),
                Reason.FAILED,
                "invalid value for parameter \"shared_buffers\"");
    }

    private static void refuses(EmbeddedPostgresSettings settings, Reason reason, String part) {
        assertThatThrownBy(() -> EmbeddedPostgres.start(settings))
                .isInstanceOfSatisfying(
                        EmbeddedPostgresException.class,
                        e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason))
                .hasMessageContaining(part)
                .hasMessageNotContaining("\n");
    }

    private EmbeddedPostgresSettings settings(String name) {
        return EmbeddedPostgresSettings.in(temporary.resolve(name))
                .withDistributionDirectory(TestServer.distributionDirectory())
                .withParameter("fsync", "off");
    }

    private static void connect(EmbeddedPostgres server, String user, String password) throws SQLException {
        DriverManager.getConnection(server.jdbcUrl(), user, password).close();
    }
}
