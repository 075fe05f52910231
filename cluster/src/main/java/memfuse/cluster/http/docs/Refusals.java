package memfuse.cluster.http.docs;

import static memfuse.cluster.http.docs.Html.element;
import static memfuse.cluster.http.docs.Html.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The answers that many operations share, told once on the page. */
final class Refusals {
    static final String ANCHOR = "refusals";

    private Refusals() {}

    /** The section that tells them. */
    static Html section(JsonNode document) {
        Map<String, JsonNode> byStatus = new TreeMap<>();
        for (JsonNode path : document.get("paths")) {
            for (JsonNode operation : path) {
                operation.path("responses").properties().stream()
                        .filter(answer -> answer.getValue().has("$ref"))
                        .forEach(answer -> byStatus.put(answer.getKey(), answer.getValue()));
            }
        }
        List<Html> parts = new ArrayList<>();
        parts.add(element("h2", text("Refusals")));
        byStatus.forEach((status, reference) -> {
            JsonNode answer = References.resolved(document, reference);
            List<String> headers = new ArrayList<>();
            answer.path("headers").fieldNames().forEachRemaining(headers::add);
            parts.add(element(
                    "p class=\"answer\"",
                    status(status),
                    Prose.line(answer.get("description").textValue()),
                    headers.isEmpty()
                            ? Html.NOTHING
                            : element("span class=\"rules\"", text("with " + String.join(", ", headers)))));
        });
        Samples samples = new Samples(document);
        parts.add(Figure.of("in the envelope", samples.of(Answered.reference("schemas", "Error"))));
        parts.add(Figure.of("422", samples.of(Answered.reference("schemas", "Invalid"))));
        return element("section id=\"" + ANCHOR + "\"", parts);
    }

    /** A status, coloured by its kind. */
    static Html status(String status) {
        return element("span class=\"status s" + status.charAt(0) + "\"", text(status));
    }
}
