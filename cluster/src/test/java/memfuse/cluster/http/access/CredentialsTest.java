package memfuse.cluster.http.access;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.headers.Authorization;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.junit.jupiter.api.Test;

class CredentialsTest {
    private static final HttpRequest PLAIN = HttpRequest.GET("/").addHeader(RawHeader.create("Accept", "*/*"));

    private static HttpRequest with(String name, String value) {
        return PLAIN.addHeader(RawHeader.create(name, value));
    }

    @Test
    void readsABearerTokenHoweverItIsWritten() {
        assertThat(Credentials.keyOf(PLAIN.addHeader(Authorization.oauth2("the-key"))))
                .isEqualTo("the-key");
        assertThat(Credentials.keyOf(with("Authorization", "Bearer the-key"))).isEqualTo("the-key");
        assertThat(Credentials.keyOf(with("AUTHORIZATION", "bEARER   the-key ")))
                .isEqualTo("the-key");
    }

    @Test
    void readsTheOtherHeader() {
        assertThat(Credentials.keyOf(with("x-api-key", " the-key "))).isEqualTo("the-key");
        assertThat(Credentials.keyOf(with("X-API-Key", "the-key"))).isEqualTo("the-key");
    }

    @Test
    void takesTheBearerTokenWhereBothAreThere() {
        assertThat(Credentials.keyOf(with("X-API-Key", "one").addHeader(Authorization.oauth2("two"))))
                .isEqualTo("two");
        assertThat(Credentials.keyOf(
                        PLAIN.addHeader(Authorization.oauth2("two")).addHeader(RawHeader.create("X-API-Key", "one"))))
                .isEqualTo("two");
    }

    @Test
    void takesTheOtherHeaderWhereTheFirstIsForSomebodyElse() {
        HttpRequest basic = PLAIN.addHeader(Authorization.basic("proxy", "secret"));
        assertThat(Credentials.keyOf(basic.addHeader(RawHeader.create("X-API-Key", "one"))))
                .isEqualTo("one");
        assertThat(Credentials.keyOf(with("X-API-Key", "one").addHeader(Authorization.basic("proxy", "secret"))))
                .isEqualTo("one");
        assertThat(Credentials.keyOf(basic)).isNotNull();
    }

    @Test
    void findsNothingWhereNothingIs() {
        assertThat(Credentials.keyOf(PLAIN)).isNull();
    }
}
