package memfuse.cluster.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import memfuse.cluster.http.ApiServer.Answer;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.session.SessionProtocol.AppendRound;
import memfuse.protocol.session.SessionProtocol.AwaitLayer;
import memfuse.protocol.session.SessionProtocol.BufferStatus;
import memfuse.protocol.session.SessionProtocol.IdempotencyKey;
import memfuse.protocol.session.SessionProtocol.Layer;
import memfuse.protocol.session.SessionProtocol.ReadWatermarks;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.user.UserProtocol.Appended;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.ToSession;
import memfuse.protocol.user.UserProtocol.WatermarksRead;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code Idempotency-Key}, {@code wait_for} and watermarks as a client sees them. */
class AppendOptionsApiTest {
    private static final String MESSAGES = "/api/v1/sessions/s1/messages";
    private static final String HI = "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

    private final ApiServer server = new ApiServer();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void holdsTheAnswerUntilTheLayerHasTheMessages() {
        server.gateway.next(appended(7));
        server.gateway.next(new WatermarksRead(new Watermarks(7, 7, 7, 7)));
        Answer answer = server.post(MESSAGES + "?wait_for=m1&timeout_ms=1500", HI);

        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.json().at("/message").textValue()).isEqualTo("Messages added successfully");
        assertThat(answer.json().at("/data/watermarks"))
                .isEqualTo(ApiServer.parse("{\"journaled\":7,\"transferred\":7,\"m0\":7,\"m1\":7,\"m2\":0}"));
        server.gateway.asked.remove();
        assertThat(((ToSession) server.gateway.asked.remove().request()).request())
                .isEqualTo(new AwaitLayer(Layer.M1, 7, Duration.ofMillis(1500)));
    }

    @Test
    void saysThatTheLayerIsNotReachedInTime() {
        server.gateway.next(appended(7));
        server.gateway.next(new WatermarksRead(new Watermarks(7, 7, 7, 3)));
        Answer answer = server.post(MESSAGES + "?wait_for=m1", HI);

        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.json().at("/code").intValue()).isEqualTo(202);
        assertThat(answer.json().at("/data/message_ids/0").textValue()).isEqualTo("id");
        assertThat(answer.json().at("/data/watermarks/m1").intValue()).isEqualTo(3);
    }

    @Test
    void doesNotTakeARefusedWaitForARefusedAppend() {
        server.gateway.next(appended(7));
        server.gateway.next(new Refused(ErrorCode.OVERLOADED, "full", null));
        Answer refused = server.post(MESSAGES + "?wait_for=m0", HI);
        assertThat(refused.status()).isEqualTo(202);
        assertThat(refused.json().at("/data/message_ids/0").textValue()).isEqualTo("id");
        assertThat(refused.json().at("/data/watermarks/journaled").intValue()).isEqualTo(7);

        server.gateway.next(appended(8));
        server.gateway.next(CompletableFuture.failedFuture(new TimeoutException("scripted")));
        Answer failed = server.post(MESSAGES + "?wait_for=m0", HI);
        assertThat(failed.status()).isEqualTo(202);
        assertThat(failed.json().at("/data/watermarks/journaled").intValue()).isEqualTo(8);
    }

    @Test
    void doesNotWaitForWhatWasRefused() {
        server.gateway.next(new Refused(ErrorCode.OVERLOADED, "full", null));
        assertThat(server.post(MESSAGES + "?wait_for=m0", HI).status()).isEqualTo(429);
        assertThat(server.gateway.asked).hasSize(1);
    }

    @Test
    void readsWatermarks() {
        server.gateway.next(new WatermarksRead(new Watermarks(9, 8, 7, 6)));
        Answer answer = server.get("/api/v1/sessions/s1/watermarks/");

        assertThat(answer.json()).isEqualTo(ApiServer.parse("""
                {"status":"success","code":200,"message":"Watermarks retrieved successfully","errors":null,
                 "data":{"watermarks":{"journaled":9,"transferred":8,"m0":7,"m1":6,"m2":0}}}"""));
        assertThat(((ToSession) server.gateway.onlyRequest()).request()).isEqualTo(new ReadWatermarks());
        assertThat(server.get("/api/v1/sessions/none/watermarks").status()).isEqualTo(404);
    }

    @Test
    void passesOnTheKeyWithAFingerprintOfWhatIsSaid() {
        IdempotencyKey first = keyOf(HI);
        assertThat(first.key()).isEqualTo("order 66");
        assertThat(keyOf(" {\"messages\" : [{\"content\":\"\\u0068i\", \"role\":\"user\"}]}"))
                .isEqualTo(first);
        for (String other : List.of(
                "{\"role\":\"user\",\"content\":\"hi!\"}",
                "{\"role\":\"assistant\",\"content\":\"hi\"}",
                "{\"role\":\"user\",\"content\":\"hi\",\"id\":\"x\"}",
                "{\"role\":\"user\",\"content\":\"hi\",\"name\":\"Ann\"}",
                "{\"role\":\"user\",\"content\":\"hi\",\"created_at\":\"2026-01-31T00:00:00Z\"}",
                "{\"role\":\"user\",\"content\":\"hi\",\"metadata\":{}}",
                "{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"user\",\"content\":\"hi\"}")) {
            assertThat(keyOf("{\"messages\":[" + other + "]}").fingerprint())
                    .as(other)
                    .isNotEqualTo(first.fingerprint());
        }
    }

    private IdempotencyKey keyOf(String body) {
        server.gateway.reset();
        assertThat(post("order 66", body).status()).isEqualTo(201);
        return Objects.requireNonNull(((AppendRound) ((ToSession) server.gateway.onlyRequest()).request()).key());
    }

    @Test
    void hasNoKeyWhereNoneIsGiven() {
        server.post(MESSAGES, HI);
        assertThat(((AppendRound) ((ToSession) server.gateway.onlyRequest()).request()).key())
                .isNull();
    }

    @Test
    void refusesAKeyThatIsTooLong() {
        Answer answer = post("k".repeat(256), HI);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().at("/errors/0/field").textValue()).isEqualTo("Idempotency-Key");
        assertThat(server.gateway.asked).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "wait_for=m2, wait_for, wait_for must be m0 or m1: wait_for=m2",
        "wait_for=, wait_for, wait_for must be m0 or m1: wait_for=",
        "wait_for=m0&timeout_ms=0, timeout_ms, timeout_ms must be an integer from 1 to 8000: timeout_ms=0",
        "wait_for=m0&timeout_ms=8001, timeout_ms, timeout_ms must be an integer from 1 to 8000: timeout_ms=8001",
        "wait_for=m0&timeout_ms=soon, timeout_ms, timeout_ms must be an integer from 1 to 8000: timeout_ms=soon"
    })
    void saysWhatIsWrongWithAnOption(String query, String field, String message) {
        Answer answer = server.post(MESSAGES + "?" + query, HI);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().at("/errors/0/field").textValue()).isEqualTo(field);
        assertThat(answer.json().at("/message").textValue()).isEqualTo(message);
        assertThat(server.gateway.asked).isEmpty();
    }

    private Answer post(String key, String body) {
        return server.send(HttpRequest.newBuilder(server.root.resolve(MESSAGES))
                .header("Idempotency-Key", key)
                .POST(BodyPublishers.ofString(body))
                .build());
    }

    private static Appended appended(long seq) {
        return new Appended(List.of("id"), false, seq, new BufferStatus(1, 1, 0, 0), new Watermarks(seq, 0, 0, 0));
    }
}
