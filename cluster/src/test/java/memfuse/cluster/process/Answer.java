package memfuse.cluster.process;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What the server answered.
 *
 * @param body of the whole answer; missing where there is none
 * @param retriable whether it says when to try again
 * @param took from the request to the last byte
 */
record Answer(int status, JsonNode body, boolean retriable, Duration took) {

    JsonNode data() {
        return body.path("data");
    }

    /** What the elements of a list in the data have in a field. */
    List<String> texts(String list, String field) {
        List<String> texts = new ArrayList<>();
        data().path(list).forEach(element -> texts.add(element.path(field).asText()));
        return texts;
    }

    boolean created() {
        return status == 201;
    }

    /** Whether the server refused for now, as it must: quickly told, and with when to try again. */
    boolean refusedForNow() {
        return (status == 429 || status == 503) && retriable;
    }

    /** This answer, if it has the status. */
    Answer expect(int wanted) {
        if (status != wanted) {
            throw new AssertionError("answered " + status + " and not " + wanted + ": " + body);
        }
        return this;
    }
}
