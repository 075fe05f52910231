package memfuse.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import memfuse.bench.server.MemFuseServer;
import memfuse.bench.wire.ApiClient;
import memfuse.bench.wire.HttpConnection;

/**
 * Clients that write to, read and ask sessions at random, at a rate of their own, each through one node. They rest between
 * two calls of {@link #goOn}.
 */
final class SessionChurn implements AutoCloseable {
    private static final int PERCENT_APPENDS = 70;
    private static final int PERCENT_HISTORIES = 27;
    private static final int TOP_K = 3;
    private static final int HISTORY = 10;

    private final List<Population.Member> members;
    private final List<Client> clients = new ArrayList<>();
    private final ExecutorService threads;
    private final long intervalNanos;

    /** What the requests met. */
    record Tally(long requests, long appended, long refused, long errors) {
        Tally plus(Tally other) {
            return new Tally(
                    requests + other.requests,
                    appended + other.appended,
                    refused + other.refused,
                    errors + other.errors);
        }
    }

    private static final class Client {
        final HttpConnection connection;
        final Random random;
        final ChatTexts texts;
        Tally tally = new Tally(0, 0, 0, 0);

        Client(InetSocketAddress address, long seed) throws IOException {
            connection = HttpConnection.open(address);
            random = new Random(seed);
            texts = new ChatTexts(seed);
        }
    }

    SessionChurn(List<MemFuseServer> nodes, List<Population.Member> members, int count, int perSecond)
            throws IOException {
        this.members = members;
        for (int i = 0; i < count; i++) {
            clients.add(new Client(nodes.get(i % nodes.size()).address(), 1000 + i));
        }
        threads = Executors.newFixedThreadPool(count);
        intervalNanos = Duration.ofSeconds(1).toNanos() * count / perSecond;
    }

    /** Sends for so long, and returns when the last ones are answered. */
    void goOn(Duration duration) throws Exception {
        List<Future<Boolean>> running = new ArrayList<>();
        for (Client client : clients) {
            running.add(threads.submit(() -> send(client, duration)));
        }
        for (Future<Boolean> each : running) {
            each.get();
        }
    }

    private boolean send(Client client, Duration duration) throws IOException {
        long end = System.nanoTime() + duration.toNanos();
        long due = System.nanoTime();
        while (due - end < 0) {
            for (long now = System.nanoTime(); now - due < 0; now = System.nanoTime()) {
                LockSupport.parkNanos(due - now);
            }
            one(client);
            due += intervalNanos;
        }
        return true;
    }

    private void one(Client client) throws IOException {
        Population.Member member = members.get(client.random.nextInt(members.size()));
        int kind = client.random.nextInt(100);
        boolean append = kind < PERCENT_APPENDS;
        byte[] request;
        if (append) {
            request = ApiClient.appendRequest(member.sessionId(), client.texts.next());
        } else if (kind < PERCENT_APPENDS + PERCENT_HISTORIES) {
            request = ApiClient.historyRequest(member.sessionId(), HISTORY);
        } else {
            request = ApiClient.queryRequest(member.userId(), client.texts.next(), TOP_K);
        }
        HttpConnection.Response response = client.connection.send(request);
        int status = response.status();
        boolean good = status / 100 == 2;
        boolean refused = status == 429 || status == 503;
        if (!good && !refused) {
            System.err.println("answered " + status + ": " + response.text());
        }
        client.tally =
                client.tally.plus(new Tally(1, good && append ? 1 : 0, refused ? 1 : 0, good || refused ? 0 : 1));
    }

    /** Of all clients; while none is running. */
    Tally tally() {
        return clients.stream().map(client -> client.tally).reduce(new Tally(0, 0, 0, 0), Tally::plus);
    }

    @Override
    public void close() throws IOException {
        threads.shutdownNow();
        for (Client client : clients) {
            client.connection.close();
        }
    }
}
