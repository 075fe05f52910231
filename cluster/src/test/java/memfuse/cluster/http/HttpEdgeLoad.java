package memfuse.cluster.http;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import memfuse.cluster.http.access.AccessSettings;

/**
 * How much CPU does the HTTP edge alone take for a request? A server whose actors answer at once, and clients in a
 * process of their own that keep their connections and send one request after the other.
 *
 * <p>{@code mvn -B -q -pl cluster -am test-compile}, then with the test class path of module cluster: {@code java
 * -Djava.util.concurrent.ForkJoinPool.common.parallelism=2 memfuse.cluster.http.HttpEdgeLoad [connections] [append |
 * append-in-two | health] [open | rate | keys]}. {@code append-in-two} sends head and body in two segments, as Python's
 * clients do; {@code rate} counts requests by address, {@code keys} asks for a key.
 */
public final class HttpEdgeLoad {
    private static final Duration PHASE = Duration.ofSeconds(8);
    private static final int PHASES = 8;
    private static final String KEY = "the-key-of-the-settings-0123456789-0123456789";

    private HttpEdgeLoad() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length > 0 && args[0].equals("client")) {
            new Client(Integer.parseInt(args[1]), Integer.parseInt(args[2]), args[3], args[4]).run();
            return;
        }
        int connections = args.length > 0 ? Integer.parseInt(args[0]) : 64;
        String kind = args.length > 1 ? args[1] : "append";
        String access = args.length > 2 ? args[2] : "open";
        HttpSettings settings = new HttpSettings(
                "127.0.0.1",
                0,
                8192,
                4096,
                4096,
                256 << 20,
                16 << 20,
                1 << 20,
                1000,
                Duration.ofSeconds(8),
                Duration.ofSeconds(15),
                Duration.ofSeconds(5));
        AccessSettings accessSettings =
                new AccessSettings(access.equals("keys"), Optional.of(KEY), access.equals("open") ? 0 : 10_000_000);
        try (ApiServer server = new ApiServer(settings, accessSettings)) {
            server.gateway.keepRequests = false;
            Process client = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            HttpEdgeLoad.class.getName(),
                            "client",
                            Integer.toString(server.root.getPort()),
                            Integer.toString(connections),
                            kind,
                            access.equals("keys") ? "Authorization: Bearer " + KEY + "\r\n" : "")
                    .redirectErrorStream(true)
                    .start();
            OperatingSystemMXBean process = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
            long cpuNanos = process.getProcessCpuTime();
            for (String line : (Iterable<String>) client.inputReader().lines()::iterator) {
                long requests = Long.parseLong(line);
                long cpuNanosNow = process.getProcessCpuTime();
                System.out.printf(
                        Locale.ROOT,
                        "%s, %s, %d connections: %d requests/s, %.1f µs of CPU each%n",
                        kind,
                        access,
                        connections,
                        requests / PHASE.toSeconds(),
                        (cpuNanosNow - cpuNanos) / 1000.0 / requests);
                cpuNanos = cpuNanosNow;
            }
            client.waitFor();
        }
        System.exit(0);
    }

    /** Prints the number of answered requests after each phase. */
    private record Client(int port, int connections, String kind, String headers) {
        private void run() throws InterruptedException {
            AtomicLong answered = new AtomicLong();
            for (int i = 0; i < connections; i++) {
                Thread thread = new Thread(() -> requestForever(answered));
                thread.setDaemon(true);
                thread.start();
            }
            for (int phase = 0; phase < PHASES; phase++) {
                long before = answered.get();
                Thread.sleep(PHASE.toMillis());
                System.out.println(answered.get() - before);
            }
        }

        private void requestForever(AtomicLong answered) {
            String body = "{\"messages\":[{\"role\":\"user\",\"content\":\""
                    + "The train to Lisbon leaves at nine and we have seats by the window. ".repeat(3)
                    + "\"},{\"role\":\"assistant\",\"content\":\"Noted: the train to Lisbon, at nine.\"}]}";
            String head = kind.equals("health")
                    ? "GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
                    : "POST /api/v1/sessions/s1/messages HTTP/1.1\r\nHost: localhost\r\nUser-Agent: load\r\n"
                            + headers + "Accept: */*\r\nContent-Type: application/json\r\nContent-Length: "
                            + body.length()
                            + "\r\n\r\n";
            byte[] first = (kind.equals("append") ? head + body : head).getBytes(StandardCharsets.US_ASCII);
            byte[] second = kind.equals("append-in-two") ? body.getBytes(StandardCharsets.US_ASCII) : new byte[0];
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setTcpNoDelay(true);
                OutputStream out = socket.getOutputStream();
                InputStream in = new BufferedInputStream(socket.getInputStream());
                while (true) {
                    out.write(first);
                    if (second.length > 0) {
                        out.write(second);
                    }
                    readAnswer(in);
                    answered.incrementAndGet();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void readAnswer(InputStream in) throws IOException {
            StringBuilder head = new StringBuilder();
            while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
                int next = in.read();
                if (next < 0) {
                    throw new IOException("closed");
                }
                head.append((char) next);
            }
            String text = head.toString().toLowerCase(Locale.ROOT);
            if (!text.startsWith("http/1.1 20")) {
                throw new IOException(text);
            }
            int at = text.indexOf("content-length: ") + "content-length: ".length();
            in.skipNBytes(Long.parseLong(text.substring(at, text.indexOf('\r', at))));
        }
    }
}
