package memfuse.cluster.http.access;

import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.scaladsl.model.headers.Authorization;
import org.apache.pekko.http.scaladsl.model.headers.OAuth2BearerToken;
import org.jspecify.annotations.Nullable;

/** The key that a request brings: {@code Authorization: Bearer KEY}, or else {@code X-API-Key: KEY}. */
final class Credentials {
    private static final String BEARER = "bearer ";

    private Credentials() {}

    /** The key as it was sent, or null where there is none. What is no key at all is returned too; it will be unknown. */
    static @Nullable String keyOf(HttpRequest request) {
        String key = null;
        for (HttpHeader header : request.getHeaders()) {
            if (header.is("authorization")) {
                String bearer = bearer(header);
                if (bearer != null) {
                    return bearer;
                }
                key = key == null ? header.value() : key;
            } else if (header.is("x-api-key")) {
                key = header.value().strip();
            }
        }
        return key;
    }

    private static @Nullable String bearer(HttpHeader header) {
        if (header instanceof Authorization parsed) {
            return parsed.credentials() instanceof OAuth2BearerToken token ? token.token() : null;
        }
        String value = header.value().strip();
        return value.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? value.substring(BEARER.length()).strip()
                : null;
    }
}
