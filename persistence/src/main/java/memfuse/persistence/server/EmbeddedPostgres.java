package memfuse.persistence.server;

import static memfuse.persistence.server.EmbeddedPostgresException.Reason.BAD_PATH;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running PostgreSQL that belongs to this process and to one data directory, from {@link #start} to {@link #close}.
 *
 * <p>It owns the lock on the data directory and the server process. A kill of this process leaves the server running,
 * with everything that was committed; the next {@code start} on the directory adopts it, or stops it and starts anew
 * when it is not what that process would start. A server that dies while this process lives is started again on the same
 * port. Safe for use by several threads.
 */
public final class EmbeddedPostgres implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final Duration ADOPTION_LIMIT = Duration.ofSeconds(20);
    private static final int ANSWER_LIMIT_SECONDS = 15;

    /** PostgreSQL's tools put paths between double quotes on a shell's command line. */
    private static final String BAD_PATH_CHARACTERS = "\"$`\n\r";

    private final Path dataDirectory;
    private final DataDirectoryLock lock;
    private final Cluster cluster;
    private final Postmaster postmaster;
    private final ServerWatch watch;
    private final boolean adopted;
    private final Duration stopTimeout;
    private final AtomicBoolean closed = new AtomicBoolean();

    private EmbeddedPostgres(
            Path dataDirectory,
            DataDirectoryLock lock,
            Cluster cluster,
            Postmaster postmaster,
            ServerWatch watch,
            boolean adopted,
            Duration stopTimeout) {
        this.dataDirectory = dataDirectory;
        this.lock = lock;
        this.cluster = cluster;
        this.postmaster = postmaster;
        this.watch = watch;
        this.adopted = adopted;
        this.stopTimeout = stopTimeout;
    }

    /**
     * Starts the server of a data directory, or adopts the one that runs there without an owner; returns when it
     * accepts connections.
     *
     * @throws EmbeddedPostgresException when it cannot be started, in one line that names the thing
     */
    public static EmbeddedPostgres start(EmbeddedPostgresSettings settings) {
        return start(settings, EmbeddedPostgres::freePort);
    }

    /** With the choice of the port to the caller. */
    static EmbeddedPostgres start(EmbeddedPostgresSettings settings, IntSupplier freePort) {
        Path wanted = settings.dataDirectory().toAbsolutePath().normalize();
        @Nullable DataDirectoryLock lock = null;
        try {
            Path dataDirectory = FileTrees.createDirectories(wanted).toRealPath();
            requirePlainPath(dataDirectory);
            lock = DataDirectoryLock.acquire(dataDirectory);
            EmbeddedPostgres server = start(dataDirectory, lock, settings, freePort);
            lock = null;
            return server;
        } catch (IOException e) {
            throw ServerFailures.of(wanted, e);
        } finally {
            if (lock != null) {
                lock.close();
            }
        }
    }

    private static EmbeddedPostgres start(
            Path dataDirectory, DataDirectoryLock lock, EmbeddedPostgresSettings settings, IntSupplier freePort)
            throws IOException {
        Platform platform = Platform.current();
        Path serverDirectory = dataDirectory.resolve("postgres");
        Files.createDirectories(serverDirectory);
        FileTrees.discard(serverDirectory, ToolProcess.OUTPUT_PREFIX);
        Path shared = settings.distributionDirectory();
        Distribution distribution =
                Distribution.in(shared == null ? serverDirectory : shared.toAbsolutePath(), platform);
        ServerAccount account =
                ServerAccount.forCluster(Cluster.in(serverDirectory), serverDirectory, distribution, platform);
        ServerTools tools = new ServerTools(distribution, account, serverDirectory);
        boolean durable = !"off".equals(settings.parameters().get("fsync"));
        Cluster cluster = Cluster.open(serverDirectory, tools, durable);
        ServerLog log = ServerLog.in(serverDirectory, account);
        Postmaster postmaster = new Postmaster(cluster.directory(), tools, log, platform, settings.parameters());

        Optional<PostmasterFile> adopted = adopt(postmaster, cluster, settings.stopTimeout());
        PostmasterFile running = adopted.isPresent()
                ? adopted.get()
                : postmaster.start(LastPort.of(cluster.directory(), freePort), settings.startTimeout());
        if (shared == null) {
            distribution.removeOthers();
        }
        ServerWatch watch = ServerWatch.over(postmaster, running, log, settings.startTimeout());
        return new EmbeddedPostgres(
                dataDirectory, lock, cluster, postmaster, watch, adopted.isPresent(), settings.stopTimeout());
    }

    /** The orphan of an earlier process when it is as good as one started now; any other orphan is stopped. */
    private static Optional<PostmasterFile> adopt(Postmaster postmaster, Cluster cluster, Duration stopTimeout)
            throws IOException {
        Optional<PostmasterFile> orphan = postmaster.findOrphan();
        if (orphan.isEmpty()) {
            return orphan;
        }
        if (postmaster.isAsWeWouldStart(orphan.get())) {
            Optional<PostmasterFile> ready = postmaster
                    .awaitReady(orphan.get(), ADOPTION_LIMIT)
                    .filter(file -> answers(file.port(), cluster.password()));
            if (ready.isPresent()) {
                LOG.info(
                        "adopted the PostgreSQL that was left running, pid {}",
                        ready.get().pid());
                return ready;
            }
        }
        LOG.info(
                "stopping the PostgreSQL that was left running, pid {}",
                orphan.get().pid());
        postmaster.stop(orphan.get(), stopTimeout);
        return Optional.empty();
    }

    public String jdbcUrl() {
        return jdbcUrl(port());
    }

    public String user() {
        return Cluster.USER;
    }

    public String password() {
        return cluster.password();
    }

    public int port() {
        return watch.running().port();
    }

    /** The data directory by its real path. */
    public Path dataDirectory() {
        return dataDirectory;
    }

    /** The server's first process; another one after the server died and was started again. */
    public long postmasterPid() {
        return watch.running().pid();
    }

    /** True when the server was left running by an earlier process. */
    public boolean adopted() {
        return adopted;
    }

    /** Stops the server and gives the data directory free. The second call does nothing. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        watch.end();
        try {
            postmaster.stop(watch.running(), stopTimeout);
        } catch (IOException e) {
            throw ServerFailures.of(dataDirectory, e);
        } finally {
            lock.close();
        }
    }

    private static boolean answers(int port, String password) {
        Properties properties = new Properties();
        properties.setProperty("user", Cluster.USER);
        properties.setProperty("password", password);
        properties.setProperty("loginTimeout", Integer.toString(ANSWER_LIMIT_SECONDS));
        try (Connection connection = DriverManager.getConnection(jdbcUrl(port), properties)) {
            return connection.isValid(ANSWER_LIMIT_SECONDS);
        } catch (SQLException e) {
            LOG.info("the PostgreSQL that was left running does not answer: {}", e.getMessage());
            return false;
        }
    }

    static String jdbcUrl(int port) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void requirePlainPath(Path path) {
        String text = path.toString();
        for (int i = 0; i < BAD_PATH_CHARACTERS.length(); i++) {
            if (text.indexOf(BAD_PATH_CHARACTERS.charAt(i)) >= 0) {
                throw new EmbeddedPostgresException(
                        BAD_PATH,
                        "the path holds a quote, dollar sign, backtick or line break, which PostgreSQL's tools do not"
                                + " take: " + text.replaceAll("\\R", "?"));
            }
        }
    }
}
