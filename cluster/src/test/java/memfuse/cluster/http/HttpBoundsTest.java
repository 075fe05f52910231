package memfuse.cluster.http;

import static memfuse.cluster.http.ApiServer.parse;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import memfuse.cluster.http.ApiServer.Answer;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.user.UserProtocol.FlushCompleted;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the edge does at each of its limits: a quick and documented answer, and everything free again afterwards. */
class HttpBoundsTest {
    private static final String MESSAGES = "/api/v1/sessions/s1/messages";
    private static final String ONE_MESSAGE = "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";

    private final List<ApiServer> servers = new ArrayList<>();

    @AfterEach
    void stop() {
        servers.forEach(ApiServer::close);
    }

    private ApiServer start(int maxInFlight, long maxInFlightBytes, Duration requestTimeout) {
        ApiServer server = new ApiServer(ApiServer.bounded(maxInFlight, maxInFlightBytes, requestTimeout));
        servers.add(server);
        return server;
    }

    private ApiServer start() {
        return start(64, 4 << 20, Duration.ofSeconds(20));
    }

    private static CompletableFuture<Answer> async(ApiServer server, String path) {
        return CompletableFuture.supplyAsync(() -> server.get(path), task -> new Thread(task).start());
    }

    @Test
    void refusesTheRequestBeyondTheBoundAndTakesTheNextWhenAPlaceIsFree() {
        ApiServer server = start(2, 4 << 20, Duration.ofSeconds(20));
        List<CompletableFuture<Reply>> held = List.of(new CompletableFuture<>(), new CompletableFuture<>());
        held.forEach(server.gateway::next);
        List<CompletableFuture<Answer>> first = List.of(async(server, MESSAGES), async(server, MESSAGES));
        server.gateway.awaitAsked(2);

        Answer refused = server.post(MESSAGES, ONE_MESSAGE);
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("retry-after")).isEqualTo("1");
        assertThat(refused.json()).isEqualTo(parse("""
                        {"status":"error","code":429,
                         "message":"Too many requests in work on this node; nothing was stored",
                         "errors":[{"field":"general",
                          "message":"Too many requests in work on this node; nothing was stored"}]}"""));
        assertThat(server.get("/api/v1/health").status()).isEqualTo(200);
        assertThat(server.gateway.asked).hasSize(2);

        held.forEach(answer -> answer.complete(new MessagesRead(List.of())));
        first.forEach(answer -> assertThat(answer.join().status()).isEqualTo(200));
        assertThat(server.post(MESSAGES, ONE_MESSAGE).status()).isEqualTo(201);
    }

    @Test
    void refusesBodiesBeyondTheBytesItHolds() {
        int maxBodyBytes = ApiServer.SETTINGS.maxBodyBytes();
        ApiServer server = start(64, maxBodyBytes, Duration.ofSeconds(20));
        CompletableFuture<Reply> held = new CompletableFuture<>();
        server.gateway.next(held);
        String large = ONE_MESSAGE + " ".repeat(maxBodyBytes - 1000);
        CompletableFuture<Answer> first =
                CompletableFuture.supplyAsync(() -> server.post(MESSAGES, large), task -> new Thread(task).start());
        server.gateway.awaitAsked(1);
        assertThat(server.post(MESSAGES, large).status()).isEqualTo(429);
        assertThat(server.post(MESSAGES, ONE_MESSAGE).status()).isEqualTo(201);
        held.complete(new MessagesRead(List.of()));
        assertThat(first.join().status()).isEqualTo(500);
        assertThat(server.post(MESSAGES, large).status()).isEqualTo(201);
    }

    @Test
    void answersARequestThatTakesTooLongAndKeepsItsPlaceUntilItIsDone() {
        ApiServer server = start(1, 4 << 20, Duration.ofMillis(300));
        CompletableFuture<Reply> held = new CompletableFuture<>();
        server.gateway.next(held);
        Answer late = server.get(MESSAGES);
        assertThat(late.status()).isEqualTo(503);
        assertThat(late.header("retry-after")).isEqualTo("1");
        assertThat(late.json()).isEqualTo(parse("""
                        {"status":"error","code":503,"data":null,
                         "message":"The request took too long; it may have been carried out",
                         "errors":[{"field":"general",
                          "message":"The request took too long; it may have been carried out"}]}"""));
        assertThat(server.get(MESSAGES).status()).isEqualTo(429);
        held.complete(new MessagesRead(List.of()));
        server.awaitStatus(200, MESSAGES);
    }

    @ParameterizedTest
    @CsvSource({
        "INVALID, 400, false",
        "DUPLICATE, 400, false",
        "NOT_FOUND, 404, false",
        "CONFLICT, 409, false",
        "OVERLOADED, 429, true",
        "UNAVAILABLE, 503, true"
    })
    void mapsEveryRefusalOfTheActors(ErrorCode code, int status, boolean retriable) {
        ApiServer server = start();
        server.gateway.next(new Refused(code, "why not", null));
        Answer answer = server.post(MESSAGES, ONE_MESSAGE);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.json().at("/errors")).isEqualTo(parse("[{\"field\":\"general\",\"message\":\"why not\"}]"));
        assertThat(answer.json().has("data")).isEqualTo(status != 429);
        assertThat(answer.header("retry-after")).isEqualTo(retriable ? "1" : "");
    }

    @Test
    void answersThatItCannotServeWhereTheActorOrTheDatabaseDoesNotAnswer() {
        ApiServer server = start();
        server.gateway.next(CompletableFuture.failedFuture(new TimeoutException("ask")));
        Answer unanswered = server.post(MESSAGES, ONE_MESSAGE);
        assertThat(unanswered.status()).isEqualTo(503);
        assertThat(unanswered.header("retry-after")).isEqualTo("1");
        server.databaseIsGone = true;
        Answer withoutDatabase = server.get("/api/v1/users");
        assertThat(withoutDatabase.status()).isEqualTo(503);
        assertThat(withoutDatabase.header("retry-after")).isEqualTo("1");
        assertThat(server.post(MESSAGES, ONE_MESSAGE).status()).isEqualTo(201);
    }

    @Test
    void showsNothingOfTheInsideWhenItFails() {
        ApiServer server = start();
        server.gateway.next(CompletableFuture.failedFuture(new IllegalStateException("secret thing")));
        Answer failed = server.post(MESSAGES, ONE_MESSAGE);
        assertThat(failed.status()).isEqualTo(500);
        assertThat(failed.body()).doesNotContain("secret", "Exception");
        assertThat(failed.json().get("message").asText())
                .matches("Internal server error; it is logged as request [0-9a-f-]{36}");
        server.gateway.next(new FlushCompleted(1));
        assertThat(server.post(MESSAGES, ONE_MESSAGE).status()).isEqualTo(500);
        assertThat(server.post(MESSAGES, ONE_MESSAGE).status()).isEqualTo(201);
    }

    @Test
    void refusesABodyOverTheLimitWhetherItsLengthIsToldOrNot() {
        ApiServer server = start();
        byte[] large = (ONE_MESSAGE + " ".repeat(ApiServer.SETTINGS.maxBodyBytes())).getBytes(StandardCharsets.UTF_8);
        for (var body : List.of(
                BodyPublishers.ofByteArray(large),
                BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large)))) {
            Answer answer = server.send(HttpRequest.newBuilder(server.root.resolve(MESSAGES))
                    .POST(body)
                    .build());
            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.json()).isEqualTo(parse("""
                            {"status":"error","code":413,"data":null,
                             "message":"The body is larger than maxBodyBytes=65536",
                             "errors":[{"field":"body","message":"The body is larger than maxBodyBytes=65536"}]}"""));
        }
        assertThat(server.gateway.asked).isEmpty();
        assertThat(server.get("/api/v1/users/u1").status()).isEqualTo(200);
    }

    @Test
    void letsTheClientOfAFarTooLargeBodyReadTheAnswer() throws Exception {
        ApiServer server = start();
        int bytes = 400 * ApiServer.SETTINGS.maxBodyBytes();
        try (RawConnection connection = new RawConnection(server.root)) {
            connection.send("POST " + MESSAGES + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + bytes + "\r\n\r\n");
            for (int sent = 0; sent < bytes; sent += 1 << 10) {
                connection.send(new byte[1 << 10]);
            }
            assertThat(connection.answer().status()).isEqualTo(413);
            connection.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(connection.answer().status()).isEqualTo(200);
        }
    }

    @Test
    void readsABodyThatComesInPieces() throws Exception {
        ApiServer server = start();
        try (RawConnection connection = new RawConnection(server.root)) {
            String head = "POST " + MESSAGES + " HTTP/1.1\r\nHost: x\r\n";
            connection.send(head + "Content-Length: " + ONE_MESSAGE.length() + "\r\n\r\n");
            connection.send(ONE_MESSAGE.substring(0, 10)).send(ONE_MESSAGE.substring(10));
            assertThat(connection.answer().status()).isEqualTo(201);
            connection.send(head + "Transfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < ONE_MESSAGE.length(); i++) {
                connection.send("1\r\n" + ONE_MESSAGE.charAt(i) + "\r\n");
            }
            connection.send("0\r\n\r\n");
            assertThat(connection.answer().status()).isEqualTo(201);
        }
    }

    @Test
    void givesUpOnABodyThatDoesNotCome() throws Exception {
        ApiServer server = start(64, 4 << 20, Duration.ofMillis(300));
        try (RawConnection connection = new RawConnection(server.root)) {
            connection.send("POST " + MESSAGES + " HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{");
            assertThat(connection.answer().status()).isIn(408, 503);
        }
        assertThat(server.gateway.asked).isEmpty();
    }

    @Test
    void keepsAConnectionThroughErrors() throws Exception {
        ApiServer server = start();
        try (RawConnection connection = new RawConnection(server.root)) {
            for (String path : List.of("/nothing", MESSAGES, "/api/v1/users/u9", MESSAGES + "?limit=x")) {
                connection.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
                RawConnection.Answer answer = connection.answer();
                assertThat(answer.head()).doesNotContain("connection: close");
            }
            connection.send("POST " + MESSAGES + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n{");
            assertThat(connection.answer().status()).isEqualTo(422);
            connection.send("DELETE /api/v1/users/u1 HTTP/1.1\r\nHost: x\r\n\r\n");
            RawConnection.Answer deleted = connection.answer();
            assertThat(deleted.status()).isEqualTo(204);
            assertThat(deleted.head()).doesNotContain("content-type");
            connection.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(connection.answer().status()).isEqualTo(200);
        }
    }

    @Test
    void answersHeadAsGetWithoutABody() throws Exception {
        ApiServer server = start();
        try (RawConnection connection = new RawConnection(server.root)) {
            connection.send("HEAD /api/v1/users/u1 HTTP/1.1\r\nHost: x\r\n\r\n");
            RawConnection.Answer head = connection.answerWithoutBody();
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.head()).contains("content-type: application/json");
            connection.send("HEAD /api/v1/users/u9 HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(connection.answerWithoutBody().status()).isEqualTo(404);
            connection.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(connection.answer().status()).isEqualTo(200);
        }
    }

    @Test
    void answersPipelinedRequestsInOrder() throws Exception {
        ApiServer server = start();
        try (RawConnection connection = new RawConnection(server.root)) {
            connection.send("GET /api/v1/users/u1 HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(connection.answer().status()).isEqualTo(200);
            assertThat(connection.answer().status()).isEqualTo(404);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            value = {
                "GET /api/v1/users/%zz HTTP/1.1 ! 400",
                "GET /api/v1/users?name=%zz HTTP/1.1 ! 400",
                "GET /api/v1/users?name=a|b HTTP/1.1 ! 404",
                "GET /api/v1/users?name=\"[a^b` HTTP/1.1 ! 404",
                "GET /api/v1/users?name=ü HTTP/1.1 ! 400",
                "GET /api/v1/users/ü HTTP/1.1 ! 400",
                "GET / HTTP/9.9 ! 505",
                "BREW /api/v1/users HTTP/1.1 ! 501",
            })
    void answersWhatIsHardlyHttpInJsonAndNeverAsAFaultOfTheServer(String line, int status) throws Exception {
        ApiServer server = start();
        try (RawConnection connection = new RawConnection(server.root)) {
            RawConnection.Answer answer =
                    connection.send(line + "\r\nHost: x\r\n\r\n").answer();
            assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
            assertThat(answer.head()).contains("content-type: application/json");
            parse(answer.body());
        }
        assertThat(server.get("/health").status()).isEqualTo(200);
    }

    @Test
    void sendsRequestsElsewhereWhileItStops() throws Exception {
        ApiServer server = start();
        CompletableFuture<Reply> held = new CompletableFuture<>();
        server.gateway.next(held);
        CompletableFuture<Answer> inWork = async(server, MESSAGES);
        server.gateway.awaitAsked(1);
        server.api.stopTakingRequests();
        try (RawConnection connection = new RawConnection(server.root)) {
            connection.send("GET " + MESSAGES + " HTTP/1.1\r\nHost: x\r\n\r\n");
            RawConnection.Answer answer = connection.answer();
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.head()).contains("retry-after: 1").contains("connection: close");
            assertThat(connection.isClosedByServer()).isTrue();
        }
        assertThat(server.get("/health/live").status()).isEqualTo(200);
        assertThat(server.get("/health/ready").status()).isEqualTo(503);
        held.complete(new MessagesRead(List.of()));
        assertThat(inWork.get(30, TimeUnit.SECONDS).status()).isEqualTo(200);
    }
}
