package memfuse.cluster.http.input;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * One thing that is wrong with a body.
 *
 * @param type the kind of fault, named as pydantic names it: {@code missing}, {@code string_type}, …
 * @param location where: {@code body}, then keys (strings) and places in lists (integers)
 * @param message what was expected
 * @param input what was there instead, shortened
 */
public record Issue(String type, List<Object> location, String message, JsonNode input) {
    public Issue {
        location = List.copyOf(location);
    }
}
