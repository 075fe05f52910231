package memfuse.bench.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import memfuse.bench.report.Figure;
import memfuse.bench.server.MemFuseServer;
import memfuse.bench.server.ScrapedMetrics;
import memfuse.bench.wire.ApiClient;

/** Nodes of one cluster on one machine; the first hosts the PostgreSQL of all and is stopped last. */
record NodeGroup(List<MemFuseServer> servers) implements AutoCloseable {
    NodeGroup {
        servers = List.copyOf(servers);
    }

    /**
     * What all nodes together take.
     *
     * @param heapBytes objects in use after a full collection
     * @param indexBytes of them, those of the users' indexes, as the nodes count them
     */
    record Memory(double heapBytes, double indexBytes, double residentBytes, double awakeSessions, double awakeUsers) {
        double withoutIndexes() {
            return heapBytes - indexBytes;
        }

        Memory plus(Memory other) {
            return new Memory(
                    heapBytes + other.heapBytes,
                    indexBytes + other.indexBytes,
                    residentBytes + other.residentBytes,
                    awakeSessions + other.awakeSessions,
                    awakeUsers + other.awakeUsers);
        }

        @Override
        public String toString() {
            return "heap %s MiB, of it indexes %s MiB, resident %s MiB, %s sessions and %s users awake"
                    .formatted(
                            Figure.number(Math.rint(heapBytes / (1 << 20))),
                            Figure.number(Math.rint(indexBytes / (1 << 20))),
                            Figure.number(Math.rint(residentBytes / (1 << 20))),
                            Figure.number(awakeSessions),
                            Figure.number(awakeUsers));
        }
    }

    /** Starts them, one after the other, on one data directory. */
    static NodeGroup start(LoadRun run, int count, List<String> jvmArguments, Map<String, String> settings)
            throws IOException, InterruptedException {
        List<Integer> ports = freePorts(count);
        String seeds = ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
        List<MemFuseServer> servers = new ArrayList<>();
        try {
            for (int port : ports) {
                Map<String, String> ofNode = new HashMap<>(settings);
                ofNode.put("memfuse.cluster.seed-nodes", seeds);
                ofNode.put("memfuse.cluster.port", Integer.toString(port));
                servers.add(run.startNode("data", "node-" + servers.size(), jvmArguments, ofNode));
            }
            return new NodeGroup(servers);
        } catch (IOException | InterruptedException | RuntimeException e) {
            new NodeGroup(servers).close();
            throw e;
        }
    }

    /** The node that hosts the database. */
    MemFuseServer host() {
        return servers.get(0);
    }

    /** So that code and caches are not taken for sessions. */
    void warmUp() throws IOException {
        ChatTexts texts = new ChatTexts(1);
        for (int i = 0; i < servers.size(); i++) {
            Population population = Population.create(servers.get(i).address(), "warm-up-" + i, 20, 4);
            try (ApiClient api = ApiClient.open(servers.get(i).address())) {
                for (Population.Member member : population.sessions()) {
                    api.append(member.sessionId(), texts.next());
                    api.query(member.userId(), texts.next(), 3);
                }
                api.flush();
            }
        }
    }

    /** What they take now; each makes a full collection. */
    Memory memory() throws IOException, InterruptedException {
        Memory all = new Memory(0, 0, 0, 0, 0);
        for (MemFuseServer server : servers) {
            all = all.plus(memory(server));
        }
        return all;
    }

    private static Memory memory(MemFuseServer server) throws IOException, InterruptedException {
        double heap = server.jcmd().liveHeapBytes();
        try (ApiClient api = ApiClient.open(server.address())) {
            ScrapedMetrics metrics = ScrapedMetrics.read(api.metrics());
            return new Memory(
                    heap,
                    metrics.sum("memfuse_index_bytes"),
                    IdleCommand.residentBytes(server.pid()),
                    metrics.sum("memfuse_sessions_awake"),
                    metrics.sum("memfuse_users_awake"));
        }
    }

    /** Free a moment ago, and different ones. */
    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }

    @Override
    public void close() {
        for (int i = servers.size() - 1; i >= 0; i--) {
            servers.get(i).close();
        }
    }
}
