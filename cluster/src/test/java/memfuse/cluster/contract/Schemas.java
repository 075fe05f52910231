package memfuse.cluster.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.openapiprocessor.interfaces.ConverterException;
import io.openapiprocessor.jsonschema.ouput.OutputConverter;
import io.openapiprocessor.jsonschema.ouput.OutputUnit;
import io.openapiprocessor.jsonschema.schema.DocumentLoader;
import io.openapiprocessor.jsonschema.schema.JsonInstance;
import io.openapiprocessor.jsonschema.schema.JsonSchema;
import io.openapiprocessor.jsonschema.schema.Output;
import io.openapiprocessor.jsonschema.schema.SchemaStore;
import io.openapiprocessor.jsonschema.schema.SchemaVersion;
import io.openapiprocessor.jsonschema.validator.Validator;
import io.openapiprocessor.jsonschema.validator.ValidatorSettings;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Holds a document against the schema of OpenAPI 3.1, and values against the schemas in the document. */
final class Schemas {
    private static final String SPECIFICATION = "https://spec.openapis.org/oas/3.1/";
    private static final String RESOURCES = "/openapi/3.1/";
    private static final List<String> OPEN_API =
            List.of("schema-base/2025-09-15", "schema/2025-09-15", "dialect/2024-11-10", "meta/2024-11-10");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final JsonNode document;
    private final Map<JsonNode, JsonSchema> compiled = new ConcurrentHashMap<>();

    Schemas(JsonNode document) {
        this.document = document;
    }

    /** What is wrong with the document; nothing where it is OpenAPI 3.1, its schemas included. */
    List<String> problemsOfDocument() {
        SchemaStore store = newStore();
        OPEN_API.forEach(part -> store.register(URI.create(SPECIFICATION + part), RESOURCES + part));
        JsonSchema openApi = store.getSchema(URI.create(SPECIFICATION + OPEN_API.get(0)), SchemaVersion.Draft202012);
        return problems(openApi, document);
    }

    /** What is wrong with a value; nothing where the schema allows it. Safe for use by several threads. */
    List<String> problems(JsonNode schema, JsonNode value) {
        return problems(compiled.computeIfAbsent(schema, this::compile), value);
    }

    private static List<String> problems(JsonSchema schema, JsonNode value) {
        var step = new Validator(settings()).validate(schema, new JsonInstance(plain(value)));
        return step.isValid()
                ? List.of()
                : leaves(new OutputConverter(Output.BASIC).convert(step)).toList();
    }

    private static Stream<String> leaves(OutputUnit unit) {
        return unit.getErrors() == null || unit.getErrors().isEmpty()
                ? Stream.of(unit.getInstanceLocation() + ": " + unit.getError())
                : unit.getErrors().stream().flatMap(Schemas::leaves);
    }

    /** A schema of its own, with the components beside it that it refers to. */
    private JsonSchema compile(JsonNode schema) {
        ObjectNode standing = schema.deepCopy();
        standing.set("components", document.get("components"));
        SchemaStore store = newStore();
        return store.getSchema(store.register(plain(standing)), SchemaVersion.Draft202012);
    }

    private static SchemaStore newStore() {
        SchemaStore store = new SchemaStore(loader());
        store.registerDraft202012();
        return store;
    }

    private static ValidatorSettings settings() {
        ValidatorSettings settings = new ValidatorSettings();
        settings.setVersion(SchemaVersion.Draft202012);
        settings.enableFormat();
        return settings;
    }

    /** Nothing is ever loaded but what comes with the library. */
    private static DocumentLoader loader() {
        return new DocumentLoader(
                uri -> {
                    throw new IOException("not to be loaded: " + uri);
                },
                text -> {
                    try {
                        return JSON.readValue(text, Object.class);
                    } catch (IOException e) {
                        throw new ConverterException("no JSON: " + text, e);
                    }
                });
    }

    private static Object plain(JsonNode value) {
        return JSON.convertValue(value, Object.class);
    }
}
