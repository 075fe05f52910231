package memfuse.bench.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ResponseReaderTest {
    private static final String CREATED =
            "HTTP/1.1 201 Created\r\nDate: today\r\nContent-Length: 13\r\nContent-Type: application/json\r\n\r\n{\"data\":\"ok\"}";

    private final ResponseReader reader = new ResponseReader();

    @Test
    void takesAWholeAnswerAtOnce() {
        assertThat(reader.take(bytes(CREATED))).isTrue();
        assertThat(reader.status()).isEqualTo(201);
        assertThat(reader.body()).asString(StandardCharsets.UTF_8).isEqualTo("{\"data\":\"ok\"}");
    }

    @Test
    void takesAnAnswerByteByByte() {
        for (int i = 0; i < CREATED.length() - 1; i++) {
            assertThat(reader.take(bytes(CREATED.substring(i, i + 1)))).isFalse();
        }
        assertThat(reader.take(bytes(CREATED.substring(CREATED.length() - 1)))).isTrue();
        assertThat(reader.status()).isEqualTo(201);
    }

    @Test
    void readsOneAnswerAfterTheOther() {
        reader.take(bytes(CREATED));
        reader.clear();
        assertThat(reader.take(bytes("HTTP/1.1 429 Too Many Requests\r\ncontent-length:2\r\n\r\n{}")))
                .isTrue();
        assertThat(reader.status()).isEqualTo(429);
        assertThat(reader.body()).hasSize(2);
    }

    @Test
    void growsWithALongAnswer() {
        String body = "x".repeat(100_000);
        assertThat(reader.take(bytes("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")))
                .isFalse();
        assertThat(reader.take(bytes(body))).isTrue();
        assertThat(reader.body()).hasSize(100_000);
    }

    @Test
    void needsNoLengthWhereThereIsNoBody() {
        assertThat(reader.take(bytes("HTTP/1.1 204 No Content\r\n\r\n"))).isTrue();
        assertThat(reader.body()).isEmpty();
    }

    @Test
    void refusesAnAnswerWhoseEndItCannotKnow() {
        assertThatThrownBy(() -> reader.take(bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Content-Length");
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
