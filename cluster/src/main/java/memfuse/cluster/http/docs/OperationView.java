package memfuse.cluster.http.docs;

import static memfuse.cluster.http.docs.Html.element;
import static memfuse.cluster.http.docs.Html.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * One operation on the page.
 *
 * @param alsoAt another path that answers the same; empty where there is none
 */
record OperationView(JsonNode document, String method, String path, String alsoAt, JsonNode operation) {
    private static final Pattern VARIABLE = Pattern.compile("\\{[^}]*}");
    private static final String JSON = "application/json";

    String tag() {
        return operation.at("/tags/0").textValue();
    }

    private String anchor() {
        return operation.get("operationId").textValue();
    }

    private Html badge() {
        return element("span class=\"method " + method + "\"", text(method.toUpperCase(Locale.ROOT)));
    }

    /** Its line in the table of contents. */
    Html entry() {
        return element(
                "li", Html.link(anchor(), badge(), text(operation.get("summary").textValue())));
    }

    /** All of it. */
    Html article() {
        List<Html> parts = new ArrayList<>();
        parts.add(
                element("h3", Html.link(anchor(), text(operation.get("summary").textValue()))));
        parts.add(element("p class=\"address\"", badge(), new Html(" "), address()));
        parts.add(Prose.paragraphs(operation.path("description").asText()));
        parts.add(notes());
        parts.add(titled("Parameters", SchemaTable.ofParameters(document, parameters())));
        if (operation.has("requestBody")) {
            parts.add(titled("Body", body(operation.at("/requestBody/content"))));
        }
        parts.add(titled("Answers", answers()));
        return element("article id=\"" + text(anchor()).markup() + "\"", parts);
    }

    private Html address() {
        String breakable = text(path).markup().replace("/", "/<wbr>");
        return element("code", new Html(VARIABLE.matcher(breakable).replaceAll("<var>$0</var>")));
    }

    private Html notes() {
        List<String> notes = new ArrayList<>();
        if (operation.has("x-permission")) {
            notes.add("Needs the permission `" + operation.get("x-permission").textValue() + "`.");
        } else {
            notes.add("Needs no key.");
        }
        if (!alsoAt.isEmpty()) {
            notes.add("Also at `" + alsoAt + "`.");
        }
        return element("p class=\"notes\"", Prose.line(String.join(" ", notes)));
    }

    private List<JsonNode> parameters() {
        List<JsonNode> parameters = new ArrayList<>();
        operation.path("parameters").forEach(one -> parameters.add(References.resolved(document, one)));
        return parameters;
    }

    private static Html titled(String title, Html content) {
        return content.isEmpty() ? Html.NOTHING : Html.all(element("h4", text(title)), content);
    }

    private Html body(JsonNode content) {
        JsonNode media = content.get(JSON);
        if (media == null) {
            var stream = content.properties().iterator().next();
            return Html.all(items(stream.getKey(), stream.getValue().get("x-itemSchema")));
        }
        List<Html> parts = new ArrayList<>();
        JsonNode schema = References.resolved(document, media.get("schema"));
        parts.add(Prose.paragraphs(schema.path("description").asText()));
        parts.add(SchemaTable.of(document, schema));
        media.get("examples")
                .properties()
                .forEach(one -> parts.add(Figure.of(one.getKey(), one.getValue().get("value"))));
        return Html.all(parts);
    }

    private Html answers() {
        List<Html> answers = new ArrayList<>();
        List<Html> elsewhere = new ArrayList<>();
        operation.get("responses").properties().forEach(one -> {
            if (one.getValue().has("$ref")) {
                elsewhere.add(Refusals.status(one.getKey()));
            } else {
                answers.add(answer(one.getKey(), one.getValue()));
            }
        });
        if (!elsewhere.isEmpty()) {
            answers.add(element(
                    "p class=\"answer\"", Html.all(elsewhere), Html.link(Refusals.ANCHOR, text("as everywhere"))));
        }
        return Html.all(answers);
    }

    private Html answer(String status, JsonNode answer) {
        Html title = Html.all(
                Refusals.status(status), Prose.line(answer.get("description").textValue()));
        for (var media : answer.path("content").properties()) {
            JsonNode content = media.getValue();
            if (content.has("example")) {
                JsonNode data = content.at("/schema/properties/data");
                return opening(title, SchemaTable.of(document, data), Figure.of("example", content.get("example")));
            }
            if (content.has("x-itemSchema")) {
                return opening(title, items(media.getKey(), content.get("x-itemSchema")));
            }
        }
        return element("p class=\"answer\"", title);
    }

    /** What each event or line of a stream is. */
    private Html[] items(String media, JsonNode each) {
        return new Html[] {
            element("p class=\"notes\"", Prose.line("As `" + media + "`, each with")),
            SchemaTable.of(document, each),
            Figure.of("example", new Samples(document).of(each))
        };
    }

    private static Html opening(Html title, Html... content) {
        return element("details", element("summary class=\"answer\"", title), Html.all(content));
    }
}
