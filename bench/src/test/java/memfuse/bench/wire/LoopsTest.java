package memfuse.bench.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoopsTest {
    private static final int CREATED = 201;
    private static final int OVERLOADED = 429;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger requests = new AtomicInteger();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            boolean refused = requests.incrementAndGet() % 10 == 1;
            exchange.sendResponseHeaders(refused ? OVERLOADED : CREATED, 2);
            exchange.getResponseBody().write("{}".getBytes(StandardCharsets.UTF_8));
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void sendsAsManyRequestsAsTheRateSaysAndCountsTheRefused() throws Exception {
        OpenLoop.Outcome outcome = new OpenLoop(server.getAddress(), 2)
                .run(200, Duration.ofMillis(500), (connection, number) -> HttpRequests.post("/", "{}"));
        assertThat(outcome.latencyMicros().getTotalCount()).isEqualTo(100);
        assertThat(outcome.refused()).isEqualTo(10);
    }

    @Test
    void aClosedLoopGoesOnAfterARefusalAndCountsOnlyWhatWasAccepted() throws Exception {
        byte[] request = HttpRequests.post("/", "{}");
        try (ClosedLoop loop = new ClosedLoop(server.getAddress(), List.of(List.of(request), List.of(request)))) {
            ClosedLoop.Outcome outcome = loop.run(Duration.ofMillis(300));
            assertThat(outcome.accepted()).isPositive();
            assertThat(outcome.refused()).isPositive();
            assertThat(outcome.accepted() + outcome.refused()).isEqualTo(requests.get());
            assertThat(outcome.latencyMicros().getTotalCount()).isEqualTo(outcome.accepted());
        }
    }

    @Test
    void letsRequestsArriveAtTheirRateAndTellsWhatEachSecondMet() throws Exception {
        byte[] request = HttpRequests.post("/", "{}");
        try (ArrivalLoop loop = new ArrivalLoop(server.getAddress(), 4, List.of(request))) {
            ArrivalLoop.Outcome outcome = loop.run(100, Duration.ofMillis(1500));
            assertThat(outcome.accepted()).isEqualTo(135);
            assertThat(outcome.refused()).isEqualTo(15);
            assertThat(outcome.byStatus()).containsEntry(CREATED, 135L).containsEntry(OVERLOADED, 15L);
            assertThat(outcome.slices()).hasSize(2);
            assertThat(outcome.slices().stream()
                            .mapToLong(slice -> slice.acceptedMicros().getTotalCount() + slice.refused()))
                    .containsExactly(100L, 50L);
            assertThat(loop.run(1000, Duration.ofMillis(20)).accepted()).isEqualTo(18);
        }
    }
}
