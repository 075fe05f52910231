package memfuse.cluster.http.resource;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import memfuse.cluster.http.output.Refusals;
import memfuse.cluster.http.route.Call;
import memfuse.protocol.session.SessionProtocol.Layer;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** How an append is to be carried out, read from its query string and its headers. */
sealed interface AppendOptions {
    /**
     * What can be done.
     *
     * @param waitFor the layer that has to have the messages before the append is answered
     * @param timeout how long to wait for it
     * @param key the caller's {@code Idempotency-Key}
     */
    record Valid(Optional<Layer> waitFor, Duration timeout, Optional<String> key) implements AppendOptions {}

    /** A parameter breaks a rule; {@code answer} says which. */
    record Invalid(HttpResponse answer) implements AppendOptions {}

    Map<String, Layer> LAYERS = Map.of("m0", Layer.M0, "m1", Layer.M1);
    Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);
    String KEY_HEADER = "Idempotency-Key";
    int MAX_KEY_LENGTH = 255;

    static AppendOptions read(Call call, Duration maxWait) {
        Optional<String> layer = call.query().get("wait_for");
        if (layer.isPresent() && !LAYERS.containsKey(layer.get())) {
            return invalid("wait_for", "m0 or m1", layer.get());
        }
        Optional<String> timeoutMillis = call.query().get("timeout_ms");
        Duration timeout = DEFAULT_TIMEOUT.compareTo(maxWait) < 0 ? DEFAULT_TIMEOUT : maxWait;
        if (timeoutMillis.isPresent()) {
            timeout = Duration.ofMillis(millis(timeoutMillis.get()));
            if (timeout.isZero() || timeout.compareTo(maxWait) > 0) {
                return invalid("timeout_ms", "an integer from 1 to " + maxWait.toMillis(), timeoutMillis.get());
            }
        }
        Optional<String> key = call.request().getHeader(KEY_HEADER).map(HttpHeader::value);
        if (key.isPresent() && (key.get().isBlank() || key.get().length() > MAX_KEY_LENGTH)) {
            return invalid(KEY_HEADER, "1 to " + MAX_KEY_LENGTH + " characters", key.get());
        }
        return new Valid(layer.map(LAYERS::get), timeout, key);
    }

    private static long millis(String text) {
        return text.matches("[0-9]{1,9}") ? Long.parseLong(text) : 0;
    }

    private static Invalid invalid(String name, String rule, String value) {
        return new Invalid(Refusals.invalidParameter(name, rule, value));
    }
}
