package memfuse.cluster.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import memfuse.cluster.http.ApiServer.Answer;
import memfuse.cluster.http.access.AccessSettings;
import memfuse.cluster.metrics.RefusalReason;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every 429 and 503 tells when to come again, and is counted under what the request met. */
class RefusalCountsTest {
    private static final String MESSAGES = "/api/v1/sessions/s1/messages";
    private static final String ADMIN_KEY = "admin-key-admin-key-admin-key-admin";

    private final List<ApiServer> servers = new ArrayList<>();

    @AfterEach
    void stop() {
        servers.forEach(ApiServer::close);
    }

    private ApiServer start() {
        return started(new ApiServer());
    }

    private ApiServer started(ApiServer server) {
        servers.add(server);
        return server;
    }

    private ApiServer start(int maxInFlight, long maxInFlightBytes, Duration requestTimeout) {
        return started(new ApiServer(ApiServer.bounded(maxInFlight, maxInFlightBytes, requestTimeout)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            OVERLOADED  | insufficient capacity: userMaxInFlight=1024                      | USER_IN_FLIGHT
            OVERLOADED  | insufficient capacity: sessionMaxInFlight=64                     | SESSION_IN_FLIGHT
            OVERLOADED  | insufficient capacity: highWaterMessages=512, unflushedMessages=512, messages=1 | SESSION_UNFLUSHED
            OVERLOADED  | insufficient capacity: highWaterBytes=9, unflushedBytes=8, bytes=2 | SESSION_UNFLUSHED
            OVERLOADED  | insufficient capacity: userMaxEventReaders=64                    | EVENT_READERS
            UNAVAILABLE | insufficient capacity: memfuse.index.max-bytes=1, bytes=2        | INDEX
            UNAVAILABLE | the user moves                                                   | USER_MOVES
            UNAVAILABLE | the session is being recovered                                   | SESSION_FAILED
            UNAVAILABLE | the session ended before it could answer                         | SESSION_FAILED
            UNAVAILABLE | the store does not answer: gone                                  | STORAGE
            UNAVAILABLE | the query could not be embedded in time                          | EMBEDDING
            UNAVAILABLE | anything else                                                    | UNAVAILABLE""")
    void countsWhatActorsRefuse(ErrorCode code, String text, RefusalReason reason) {
        ApiServer server = start();
        server.gateway.next(new Refused(code, text, null));
        assertRefused(server, server.get(MESSAGES), code.httpStatus(), reason);
    }

    @Test
    void countsNothingOfWhatIsRefusedForGood() {
        ApiServer server = start();
        server.gateway.next(new Refused(ErrorCode.NOT_FOUND, "no such message", "message_ids"));
        assertThat(server.get(MESSAGES).status()).isEqualTo(404);
        assertThat(server.get("/api/v1/nothing").status()).isEqualTo(404);
        assertThat(counted(server)).isZero();
    }

    @Test
    void countsNothingOfAHealthCheckThatFindsSomething() {
        ApiServer server = start();
        server.notReady = Optional.of("the database does not answer");
        assertThat(server.get("/health/ready").status()).isEqualTo(503);
        assertThat(counted(server)).isZero();
    }

    @Test
    void countsTheBoundOfRequestsInWork() {
        ApiServer server = start(1, 4 << 20, Duration.ofSeconds(20));
        CompletableFuture<Reply> held = hold(server);
        CompletableFuture<Answer> first = async(server);
        server.gateway.awaitAsked(1);
        assertRefused(server, server.get(MESSAGES), 429, RefusalReason.NODE_IN_FLIGHT);
        held.complete(new MessagesRead(List.of()));
        assertThat(first.join().status()).isEqualTo(200);
    }

    @Test
    void countsTheBoundOfBytesInWork() {
        int most = ApiServer.SETTINGS.maxBodyBytes();
        ApiServer server = start(64, most, Duration.ofSeconds(20));
        String large = "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}" + " ".repeat(most - 1000);
        CompletableFuture<Reply> held = hold(server);
        CompletableFuture<Answer> first =
                CompletableFuture.supplyAsync(() -> server.post(MESSAGES, large), task -> new Thread(task).start());
        server.gateway.awaitAsked(1);
        assertRefused(server, server.post(MESSAGES, large), 429, RefusalReason.NODE_BODY_BYTES);
        held.complete(new MessagesRead(List.of()));
        first.join();
    }

    @Test
    void countsTheBoundOfARoutesQueueWhichLeavesPlacesForOtherUsers() {
        ApiServer server = start(QueueLimit.MOST, 4 << 20, Duration.ofSeconds(20));
        assertThat(server.get(MESSAGES).status())
                .as("whose the session is, is known")
                .isEqualTo(200);
        List<CompletableFuture<Reply>> held = new ArrayList<>();
        List<CompletableFuture<HttpResponse>> first = new ArrayList<>();
        for (int i = 0; i < QueueLimit.USUAL / 2; i++) {
            held.add(hold(server));
            first.add(server.api.answer(HttpRequest.GET(MESSAGES)).toCompletableFuture());
        }
        assertRefused(server, server.get(MESSAGES), 429, RefusalReason.NODE_QUEUE);
        assertThat(server.get("/api/v1/sessions/another/messages").status()).isEqualTo(404);
        held.forEach(answer -> answer.complete(new MessagesRead(List.of())));
        first.forEach(answer -> assertThat(answer.join().status().intValue()).isEqualTo(200));
        assertThat(server.get(MESSAGES).status()).isEqualTo(200);
    }

    @Test
    void countsAnswersThatDoNotComeInTime() {
        ApiServer server = start(64, 4 << 20, Duration.ofMillis(300));
        CompletableFuture<Reply> held = hold(server);
        assertRefused(server, server.get(MESSAGES), 503, RefusalReason.TIMEOUT);
        held.complete(new MessagesRead(List.of()));
    }

    @Test
    void countsActorsThatDoNotAnswer() {
        ApiServer server = start();
        server.gateway.next(CompletableFuture.failedFuture(new TimeoutException("ask")));
        assertRefused(server, server.get(MESSAGES), 503, RefusalReason.TIMEOUT);
    }

    @Test
    void countsADatabaseThatIsGone() {
        ApiServer server = start();
        server.databaseIsGone = true;
        assertRefused(server, server.get("/api/v1/users"), 503, RefusalReason.STORAGE);
    }

    @Test
    void countsWhatComesWhileTheNodeStops() {
        ApiServer server = start();
        server.api.stopTakingRequests();
        assertRefused(server, server.get(MESSAGES), 503, RefusalReason.STOPPING);
    }

    @Test
    void countsTheRateOfAClient() {
        ApiServer server = started(new ApiServer(new AccessSettings(false, Optional.empty(), 1)));
        assertThat(server.get(MESSAGES).status()).isEqualTo(200);
        assertRefused(server, server.get(MESSAGES), 429, RefusalReason.RATE_LIMIT);
    }

    @Test
    void countsKeysThatAreTriedOut() {
        ApiServer server = started(new ApiServer(new AccessSettings(true, Optional.of(ADMIN_KEY), 0)));
        Answer answer = server.get("/health/live");
        for (int i = 0; i < 601; i++) {
            answer = server.sendAs("guess-%032d".formatted(i), "GET", MESSAGES, "");
        }
        assertRefused(server, answer, 429, RefusalReason.UNKNOWN_KEYS);
    }

    @Test
    void countsExportsBeyondTheirNumber() {
        ApiServer server = start();
        List<CompletableFuture<Reply>> held = new ArrayList<>();
        List<CompletableFuture<Answer>> exports = new ArrayList<>();
        for (int i = 0; i < ApiServer.TRANSFER.maxConcurrent(); i++) {
            held.add(hold(server));
            exports.add(CompletableFuture.supplyAsync(
                    () -> server.get("/api/v1/users/u1/export"), task -> new Thread(task).start()));
            server.gateway.awaitAsked(i + 1);
        }
        assertRefused(server, server.get("/api/v1/users/u1/export"), 429, RefusalReason.TRANSFERS);
        held.forEach(answer -> answer.complete(new MessagesRead(List.of())));
        exports.forEach(CompletableFuture::join);
    }

    private static CompletableFuture<Reply> hold(ApiServer server) {
        CompletableFuture<Reply> held = new CompletableFuture<>();
        server.gateway.next(held);
        return held;
    }

    private static CompletableFuture<Answer> async(ApiServer server) {
        return CompletableFuture.supplyAsync(() -> server.get(MESSAGES), task -> new Thread(task).start());
    }

    private static void assertRefused(ApiServer server, Answer answer, int status, RefusalReason reason) {
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header("retry-after")).isNotEmpty();
        assertThat(counted(server, reason)).isEqualTo(1);
        assertThat(counted(server)).isEqualTo(1);
    }

    private static double counted(ApiServer server, RefusalReason reason) {
        return counted(server, "memfuse_http_refusals_total{reason=\"" + reason.label() + "\"");
    }

    private static double counted(ApiServer server) {
        return counted(server, "memfuse_http_refusals_total{");
    }

    private static double counted(ApiServer server, String beginning) {
        return server.get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(beginning))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }
}
