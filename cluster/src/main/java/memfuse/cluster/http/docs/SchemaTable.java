package memfuse.cluster.http.docs;

import static memfuse.cluster.http.docs.Html.element;
import static memfuse.cluster.http.docs.Html.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The fields of a schema as rows of a table; those of inner objects and lists too, each with its whole way. */
final class SchemaTable {
    private final JsonNode document;
    private final List<Html> rows = new ArrayList<>();

    private SchemaTable(JsonNode document) {
        this.document = document;
    }

    /** The table, or nothing where the schema has no fields. */
    static Html of(JsonNode document, JsonNode schema) {
        SchemaTable table = new SchemaTable(document);
        table.addFields(References.resolved(document, schema), "");
        return table.rows.isEmpty() ? Html.NOTHING : element("table", table.rows);
    }

    /** Parameters of an operation as rows of the same kind. */
    static Html ofParameters(JsonNode document, List<JsonNode> parameters) {
        SchemaTable table = new SchemaTable(document);
        for (JsonNode parameter : parameters) {
            JsonNode schema = References.resolved(document, parameter.get("schema"));
            String where = "in the " + parameter.get("in").textValue();
            Html name = Html.all(
                    Html.code(parameter.get("name").textValue()), element("span class=\"where\"", text(where)));
            table.addRow(
                    name,
                    schema,
                    parameter.path("description").asText(),
                    parameter.path("required").asBoolean());
        }
        return table.rows.isEmpty() ? Html.NOTHING : element("table", table.rows);
    }

    private void addFields(JsonNode schema, String way) {
        Set<String> required = new HashSet<>();
        schema.path("required").forEach(name -> required.add(name.textValue()));
        schema.path("properties").properties().forEach(field -> {
            JsonNode resolved = References.resolved(document, field.getValue());
            String name = way + field.getKey();
            String description = resolved.path("description").asText();
            addRow(breakable(name), resolved, description, required.contains(field.getKey()));
            addFields(resolved, name + ".");
            if (resolved.has("items")) {
                addFields(References.resolved(document, resolved.get("items")), name + "[].");
            }
        });
    }

    private static Html breakable(String name) {
        return element("code", new Html(text(name).markup().replace(".", ".<wbr>")));
    }

    private void addRow(Html name, JsonNode schema, String description, boolean required) {
        Html type = element(
                "td class=\"type\"",
                text(type(schema)),
                required ? Html.NOTHING : element("span class=\"optional\"", text("optional")));
        rows.add(element(
                "tr", element("td class=\"name\"", name), type, element("td", Prose.line(description), rules(schema))));
    }

    private String type(JsonNode schema) {
        if (schema.has("const")) {
            return schema.get("const").toString();
        }
        if (schema.has("enum")) {
            return schema.get("enum").valueStream().map(JsonNode::toString).collect(Collectors.joining(" | "));
        }
        if (schema.has("items")) {
            return "list of " + type(References.resolved(document, schema.get("items")));
        }
        if (schema.path("format").asText().equals("date-time")) {
            return "timestamp";
        }
        JsonNode type = schema.path("type");
        return type.isArray()
                ? type.valueStream().map(JsonNode::asText).collect(Collectors.joining(" | "))
                : type.asText("anything");
    }

    private static Html rules(JsonNode schema) {
        List<String> rules = new ArrayList<>();
        add(rules, schema, "minLength", "at least %s character");
        add(rules, schema, "maxLength", "at most %s characters");
        add(rules, schema, "minimum", "from %s");
        add(rules, schema, "maximum", "to %s");
        add(rules, schema, "maxItems", "at most %s");
        add(rules, schema, "uniqueItems", "each once");
        add(rules, schema, "default", "default %s");
        return rules.isEmpty() ? Html.NOTHING : element("span class=\"rules\"", text(String.join(", ", rules)));
    }

    private static void add(List<String> rules, JsonNode schema, String keyword, String rule) {
        if (schema.has(keyword)) {
            rules.add(rule.formatted(schema.get(keyword).asText()));
        }
    }
}
