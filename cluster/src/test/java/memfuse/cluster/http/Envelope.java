package memfuse.cluster.http;

import static memfuse.cluster.http.ApiServer.parse;
import static org.assertj.core.api.Assertions.assertThat;

import memfuse.cluster.http.ApiServer.Answer;

/** The envelope that answers come in, compared as a whole. */
final class Envelope {
    private Envelope() {}

    static void assertSuccess(Answer answer, int status, String message, String data) {
        assertThat(answer.json()).isEqualTo(parse("""
                        {"status":"success","code":%d,"data":%s,"message":"%s","errors":null}""".formatted(status, data, message)));
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header("content-type")).isEqualTo("application/json");
    }

    static void assertError(Answer answer, int status, String field, String message) {
        assertThat(answer.json()).isEqualTo(parse("""
                        {"status":"error","code":%d,"data":null,"message":"%s",
                         "errors":[{"field":"%s","message":"%s"}]}""".formatted(status, message, field, message)));
        assertThat(answer.status()).isEqualTo(status);
    }
}
