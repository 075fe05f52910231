package memfuse.cluster.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import memfuse.cluster.http.ApiServer.Answer;
import memfuse.protocol.testkit.FlushBuilder;
import memfuse.protocol.testkit.InMemoryLayerStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Receipts of erasures as a client sees them. */
class ErasureApiTest {
    private final ApiServer server = new ApiServer();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void saysWhereTheReceiptOfAnErasureIs() {
        assertThat(server.send("DELETE", "/api/v1/sessions/s1").header("location"))
                .isEqualTo("/api/v1/erasures/s1");
        Answer answer = server.send("DELETE", "/api/v1/users/u1");
        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.header("location")).isEqualTo("/api/v1/erasures/u1");
    }

    @Test
    void showsWhatWasErasedByLayer() {
        InMemoryLayerStore store = new InMemoryLayerStore(server.directory, false);
        store.flush(List.of(new FlushBuilder("u1", "s1").append(1, 2).build()));
        store.eraseSession("u1", "s1");
        Answer answer = server.get("/api/v1/erasures/s1/");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("message").textValue()).isEqualTo("Erasure retrieved successfully");
        var erasure = answer.json().at("/data/erasure");
        assertThat(erasure.path("id").textValue()).isEqualTo("s1");
        assertThat(erasure.path("kind").textValue()).isEqualTo("session");
        assertThat(erasure.path("user_id").textValue()).isEqualTo("u1");
        assertThat(erasure.path("erased_at").textValue()).matches("20\\d\\d-.*Z");
        assertThat(erasure.path("counts")).isEqualTo(ApiServer.parse("{\"sessions\":1,\"m0\":2,\"m1\":2,\"m2\":0}"));
    }

    @Test
    void knowsNoReceiptOfWhatIsThere() {
        Answer answer = server.get("/api/v1/erasures/s1");
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json().path("message").textValue()).isEqualTo("Erasure with ID 's1' not found");
    }
}
