package memfuse.cluster.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Everything a test starts and leaves: servers, data directories and what the servers say.
 *
 * <p>At the end of the test no process of it is left, PostgreSQL included, however the test ended; a process that
 * should have ended by then and has not is a failure. The directory is kept when the test failed.
 */
final class Scene implements BeforeEachCallback, AfterEachCallback {
    private static final Duration END_LIMIT = Duration.ofMinutes(1);

    private final List<ServerProcess> servers = new CopyOnWriteArrayList<>();
    private final List<DataDirectory> dataDirectories = new CopyOnWriteArrayList<>();
    private final List<SmallDisk> disks = new CopyOnWriteArrayList<>();
    private final Thread endWithTheTests = new Thread(this::endProcesses, "end-processes");
    private Path directory = Path.of("");

    @Override
    public void beforeEach(ExtensionContext context) {
        open(context.getRequiredTestClass().getSimpleName() + "-" + context.getDisplayName());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        close(context.getExecutionException().isPresent());
    }

    void open(String name) {
        try {
            Path all = Files.createDirectories(Launch.jar().resolveSibling("process-tests"));
            directory = Files.createTempDirectory(all, name.replaceAll("[^A-Za-z0-9]+", "-"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(endWithTheTests);
    }

    void close(boolean failed) {
        endProcesses();
        Runtime.getRuntime().removeShutdownHook(endWithTheTests);
        if (failed) {
            System.out.println("what was left is kept in " + directory);
            servers.forEach(server -> System.out.println(server.tail()));
        } else {
            new DataDirectory(directory).delete();
        }
        for (DataDirectory data : dataDirectories) {
            Await.until("no PostgreSQL is left in " + data.path(), END_LIMIT, () -> !data.postgresRuns());
        }
    }

    private void endProcesses() {
        servers.forEach(ServerProcess::kill9);
        dataDirectories.forEach(DataDirectory::killPostgres);
        disks.forEach(SmallDisk::close);
    }

    /** A directory of this test that is removed with it. */
    Path directory() {
        return directory;
    }

    /** A data directory that does not exist yet. */
    DataDirectory newDataDirectory() {
        DataDirectory data = new DataDirectory(directory.resolve("data-" + dataDirectories.size()));
        dataDirectories.add(data);
        return data;
    }

    /** A small disk of this test with a data directory on it; the test is skipped where none can be mounted. */
    SmallDisk newSmallDisk(int mebibytes) throws IOException {
        SmallDisk disk = SmallDisk.mount(directory.resolve("disk-" + disks.size()), mebibytes);
        disks.add(disk);
        dataDirectories.add(disk.data());
        return disk;
    }

    /** Starts a server and returns when it serves. */
    ServerProcess start(Launch launch) {
        ServerProcess server = spawn(launch);
        server.awaitReady();
        return server;
    }

    /** Starts a server and returns at once. */
    ServerProcess spawn(Launch launch) {
        ServerProcess server = ServerProcess.spawn(launch, directory, "server-" + servers.size());
        servers.add(server);
        return server;
    }

    /** All servers of this test that run. */
    List<ServerProcess> running() {
        List<ServerProcess> running = new ArrayList<>(servers);
        running.removeIf(server -> !server.isAlive());
        return running;
    }
}
