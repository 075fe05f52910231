package memfuse.cluster.process;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A cluster for all tests of a class, on the database of an earlier version, which it brings up to date when it starts. It
 * asks for keys, flushes when it is told to, and gives requests all the time that they may need on a busy machine.
 */
final class UpgradedNodes implements BeforeAllCallback, AfterAllCallback, AfterTestExecutionCallback {
    private final int count;
    private final Scene scene = new Scene();
    private boolean failed;
    private @Nullable Nodes nodes;
    private List<Client> clients = List.of();

    UpgradedNodes(int count) {
        this.count = count;
    }

    int count() {
        return count;
    }

    /** A patient one of each node, with the key of the operator. */
    List<Client> clients() {
        return clients;
    }

    /** Where a user of whom there is a session lives. */
    int hostOf(String userId) throws IOException {
        return Objects.requireNonNull(nodes).placement()[Nodes.shardOf(userId)];
    }

    /** To the database. */
    Connection connect() throws SQLException {
        return Objects.requireNonNull(nodes).connect();
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        scene.open(context.getRequiredTestClass().getSimpleName());
        failed = true;
        RemoteDatabase database = RemoteDatabase.start(scene.newDataDirectory());
        EarlierDatabase.restore(database);
        Nodes running = Nodes.start(
                scene,
                database,
                count,
                launch -> launch.with("memfuse.buffer.performance.flush_interval", "1h")
                        .with("memfuse.ask-timeout", "50s")
                        .with("memfuse.http.request-timeout", "55s")
                        .with("memfuse.cluster.join-timeout", "4m")
                        .withEnvironment("MEMFUSE_AUTH_ENABLED", "true")
                        .withEnvironment("MEMFUSE_ADMIN_KEY", EarlierDatabase.ADMIN_KEY));
        clients = IntStream.range(0, count)
                .mapToObj(node -> running.newClient(node).patient().withKey(EarlierDatabase.ADMIN_KEY))
                .toList();
        nodes = running;
        failed = false;
    }

    @Override
    public void afterTestExecution(ExtensionContext context) {
        failed |= context.getExecutionException().isPresent();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (nodes != null) {
            nodes.close();
        }
        scene.close(failed);
    }
}
