package memfuse.cluster.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What any answer of the API looks like, whichever operation gave it. */
public final class Shapes {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> ENVELOPE = Set.of("status", "code", "data", "message", "errors");
    private static final Set<String> REFUSAL = Set.of("status", "code", "message", "errors");

    private Shapes() {}

    /** What is wrong with an answer; nothing where it is empty, in the envelope, a {@code detail}, or no JSON at all. */
    public static Optional<String> problem(Received answer) {
        if (answer.body().isEmpty()) {
            return Optional.empty();
        }
        if (!answer.mediaType().equals("application/json")) {
            return answer.status() < 400 ? Optional.empty() : Optional.of("a refusal is " + answer.mediaType());
        }
        try {
            return problem(answer.status(), JSON.readTree(answer.body()));
        } catch (JsonProcessingException e) {
            return Optional.of("the body is no JSON: " + e.getOriginalMessage());
        }
    }

    private static Optional<String> problem(int status, JsonNode body) {
        Set<String> keys = new TreeSet<>();
        body.fieldNames().forEachRemaining(keys::add);
        if (status < 400) {
            return body.has("openapi")
                            || (keys.equals(ENVELOPE)
                                    && body.get("status").asText().equals("success")
                                    && body.get("code").asInt() == status)
                    ? Optional.empty()
                    : Optional.of("not in the envelope: " + keys);
        }
        boolean detail = keys.equals(Set.of("detail"));
        boolean error = keys.equals(status == 401 || status == 429 ? REFUSAL : ENVELOPE)
                && body.get("status").asText().equals("error")
                && body.get("code").asInt() == status
                && !body.get("errors").isEmpty();
        return detail || error ? Optional.empty() : Optional.of("neither envelope nor detail: " + keys);
    }
}
