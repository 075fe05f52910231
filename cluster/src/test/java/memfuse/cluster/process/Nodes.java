package memfuse.cluster.process;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A cluster of servers on one PostgreSQL that belongs to none of them, each a process with ports that it keeps when it
 * is started again. They search by words alone.
 */
final class Nodes implements AutoCloseable {
    private static final Duration MEMBERS_LIMIT = Duration.ofMinutes(2);
    private static final Duration ASK_LIMIT = Duration.ofSeconds(5);

    private static final String LOOPBACK = "127.0.0.1";

    /** As the server has it; where a user lives is computed from it. */
    private static final int SHARDS = 256;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Scene scene;
    private final RemoteDatabase database;
    private final @Nullable NodeNetworks networks;
    private final List<Launch> launches = new ArrayList<>();
    private final List<ServerProcess> processes = new ArrayList<>();
    private final List<Integer> clusterPorts;
    private final List<Integer> managementPorts;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(ASK_LIMIT).build();

    private Nodes(
            Scene scene,
            RemoteDatabase database,
            int count,
            @Nullable NodeNetworks networks,
            UnaryOperator<Launch> settings) {
        this.scene = scene;
        this.database = database;
        this.networks = networks;
        clusterPorts = IntStream.range(0, count).mapToObj(i -> FreePorts.next()).toList();
        managementPorts =
                IntStream.range(0, count).mapToObj(i -> FreePorts.next()).toList();
        String seeds = IntStream.range(0, count)
                .mapToObj(node -> clusterHost(node) + ":" + clusterPorts.get(node))
                .collect(Collectors.joining(","));
        for (int i = 0; i < count; i++) {
            Launch launch = Launch.in(scene.directory().resolve("node-" + i))
                    .wordsOnly()
                    .withEnvironment("MEMFUSE_HTTP_PORT", Integer.toString(FreePorts.next()))
                    .withEnvironment("MEMFUSE_CLUSTER_PORT", Integer.toString(clusterPorts.get(i)))
                    .withEnvironment("MEMFUSE_MANAGEMENT_PORT", Integer.toString(managementPorts.get(i)))
                    .withEnvironment("MEMFUSE_SEED_NODES", seeds);
            launches.add(database.usedBy(settings.apply(networks == null ? launch : inNetwork(launch, networks, i))));
        }
    }

    private static Launch inNetwork(Launch launch, NodeNetworks networks, int node) {
        return launch.by(networks.command(node))
                .withEnvironment("MEMFUSE_AUTH_ENABLED", "false")
                .withEnvironment("MEMFUSE_HTTP_HOST", networks.serviceHost(node))
                .withEnvironment("MEMFUSE_MANAGEMENT_HOST", networks.serviceHost(node))
                .withEnvironment("MEMFUSE_CLUSTER_HOST", networks.clusterHost(node));
    }

    private String clusterHost(int node) {
        return networks == null ? LOOPBACK : networks.clusterHost(node);
    }

    private String serviceHost(int node) {
        return networks == null ? LOOPBACK : networks.serviceHost(node);
    }

    /** Starts them all and returns when each knows all the others. */
    static Nodes start(Scene scene, int count) throws IOException {
        return start(scene, count, UnaryOperator.identity());
    }

    /** Starts them with something else set. */
    static Nodes start(Scene scene, int count, UnaryOperator<Launch> settings) throws IOException {
        return start(scene, RemoteDatabase.start(scene.newDataDirectory()), count, settings);
    }

    /**
     * Starts them all on a database and returns when each knows all the others.
     *
     * @param settings what the launch of each is changed to
     */
    static Nodes start(Scene scene, RemoteDatabase database, int count, UnaryOperator<Launch> settings) {
        return started(new Nodes(scene, database, count, null, settings));
    }

    /** Starts each in a network of its own; all reach the database at all times. */
    static Nodes start(Scene scene, int count, NodeNetworks networks) throws IOException {
        RemoteDatabase database = RemoteDatabase.start(scene.newDataDirectory(), networks.thisMachine());
        return started(new Nodes(scene, database, count, networks, UnaryOperator.identity()));
    }

    /** Closed when they do not start: otherwise the database would be started again by its watch after the scene's end. */
    private static Nodes started(Nodes nodes) {
        try {
            for (Launch launch : nodes.launches) {
                nodes.processes.add(nodes.scene.spawn(launch));
            }
            nodes.processes.forEach(ServerProcess::awaitReady);
            nodes.awaitAllUp();
            return nodes;
        } catch (AssertionError | RuntimeException e) {
            nodes.close();
            throw e;
        }
    }

    int size() {
        return processes.size();
    }

    ServerProcess process(int node) {
        return processes.get(node);
    }

    /** A client of one of them, with connections of its own. */
    Client newClient(int node) {
        return new Client(processes.get(node).api());
    }

    RemoteDatabase database() {
        return database;
    }

    Connection connect() throws SQLException {
        return database.connect();
    }

    /** Starts one again that has ended; it serves when this returns. */
    void startAgain(int node) {
        processes.set(node, scene.start(launches.get(node)));
    }

    /** Starts one again that has ended, and returns at once. */
    void spawnAgain(int node) {
        processes.set(node, scene.spawn(launches.get(node)));
    }

    /** Starts one again as a node of another version than those that are there; it serves when this returns. */
    void startAgainAs(String version, int node) {
        processes.set(node, scene.start(launches.get(node).with("pekko.cluster.app-version", version)));
    }

    /** Waits until those that run are members for all that run, and nobody else is. */
    void awaitAllUp() {
        List<Integer> running = IntStream.range(0, size())
                .filter(node -> processes.get(node).isAlive())
                .boxed()
                .toList();
        Set<Integer> ports = running.stream().map(clusterPorts::get).collect(Collectors.toSet());
        Await.until("all nodes know each other", MEMBERS_LIMIT, () -> {
            for (int node : running) {
                if (!membersUp(node).equals(ports)) {
                    return false;
                }
            }
            return true;
        });
    }

    private Set<Integer> membersUp(int node) throws IOException {
        JsonNode view = ask(node, "/cluster/members");
        Set<Integer> up = new HashSet<>();
        for (JsonNode member : view.path("members")) {
            if (!member.path("status").asText().equals("Up")) {
                return Set.of();
            }
            up.add(URI.create(member.path("node").asText()).getPort());
        }
        return view.path("unreachable").isEmpty() ? up : Set.of();
    }

    /** The node of the cluster's singletons and of the shards' coordinator. */
    int oldest() throws IOException {
        int asked = IntStream.range(0, size())
                .filter(node -> processes.get(node).isAlive())
                .findFirst()
                .orElseThrow();
        String oldest = ask(asked, "/cluster/members").path("oldest").asText();
        return clusterPorts.indexOf(URI.create(oldest).getPort());
    }

    /** Which node each shard of users is on, -1 where it is on none. */
    int[] placement() throws IOException {
        int[] nodes = new int[SHARDS];
        Arrays.fill(nodes, -1);
        for (int node = 0; node < size(); node++) {
            if (processes.get(node).isAlive()) {
                for (JsonNode shard : ask(node, "/cluster/shards/users").path("regions")) {
                    nodes[Integer.parseInt(shard.path("shardId").asText())] = node;
                }
            }
        }
        return nodes;
    }

    /** The shard of a user, as the server computes it. */
    static int shardOf(String userId) {
        return Math.abs(userId.hashCode() % SHARDS);
    }

    /** The status of {@code /ready} or {@code /alive}. */
    int status(int node, String path) throws IOException {
        return send(node, path).statusCode();
    }

    private JsonNode ask(int node, String path) throws IOException {
        return JSON.readTree(send(node, path).body());
    }

    private HttpResponse<byte[]> send(int node, String path) throws IOException {
        URI uri = URI.create("http://" + serviceHost(node) + ":" + managementPorts.get(node) + path);
        try {
            return http.send(HttpRequest.newBuilder(uri).timeout(ASK_LIMIT).build(), BodyHandlers.ofByteArray());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Brings everything that is buffered on any node into the layers. */
    void flush() throws IOException {
        for (ServerProcess process : processes) {
            if (process.isAlive()) {
                new Client(process.api()).flush();
            }
        }
    }

    @Override
    public void close() {
        processes.forEach(ServerProcess::kill9);
        database.close();
    }
}
