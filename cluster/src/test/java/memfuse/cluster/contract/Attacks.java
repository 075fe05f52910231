package memfuse.cluster.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/**
 * What can be sent to the operations of a document that should not be: for each operation, each variable of its path,
 * each parameter and each field of its body.
 */
public final class Attacks {
    private static final List<String> OTHER_METHODS = List.of("HEAD", "OPTIONS", "PATCH", "TRACE");
    private static final int MANGLED_BODIES = 8;
    private static final int MOST_FIELDS_AT_ONCE = 4;
    private static final byte[] NO_BODY = {};

    /** More than a server takes. */
    private static final byte[] HUGE = new byte[17 << 20];

    private final Contract contract;
    private final List<HostileValues.Value> values = HostileValues.json();
    private final Map<Operation, List<JsonTemplate>> bodies = new LinkedHashMap<>();
    private final Map<Operation, List<List<Object>>> fields = new LinkedHashMap<>();

    /** Attacks on what a document describes. */
    public Attacks(Contract contract) {
        this.contract = contract;
        for (Operation operation : contract.operations()) {
            bodies.put(
                    operation,
                    operation.bodies().values().stream().map(JsonTemplate::new).toList());
            List<List<Object>> places = new ArrayList<>();
            operation.bodySchema().ifPresent(schema -> addFields(schema, List.of(), places));
            fields.put(operation, places);
        }
    }

    /** Each fault at each place once; the order is by chance. */
    public List<Attack> all(Random random) {
        List<Attack> all = new ArrayList<>();
        for (Operation operation : contract.operations()) {
            addInPath(operation, all);
            addInParameters(operation, all);
            addWholeBodies(operation, random, all);
            for (List<Object> field : fields(operation)) {
                addInField(operation, field, all);
            }
        }
        Collections.shuffle(all, random);
        return all;
    }

    /** Several faults at once, by chance. */
    public Attack any(Random random) {
        List<Operation> operations = contract.operations();
        Operation operation = operations.get(random.nextInt(operations.size()));
        Map<List<Object>, byte[]> faults = new LinkedHashMap<>();
        StringBuilder what = new StringBuilder("at once");
        List<List<Object>> places = fields(operation);
        for (int i = random.nextInt(MOST_FIELDS_AT_ONCE); i >= 0 && !places.isEmpty(); i--) {
            List<Object> place = places.get(random.nextInt(places.size()));
            HostileValues.Value value = values.get(random.nextInt(values.size()));
            faults.put(place, value.bytes());
            what.append(", ").append(place).append(" is ").append(value.what());
        }
        List<String> query = new ArrayList<>();
        boolean plain = true;
        for (JsonNode parameter : parameters(operation, "query")) {
            if (random.nextBoolean()) {
                String value = HostileValues.query()
                        .get(random.nextInt(HostileValues.query().size()));
                query.add(parameter.get("name").textValue() + "=" + value);
                plain &= isPlain(value);
            }
        }
        what.append(", the query is ").append(query);
        byte[] body = body(operation, random.nextInt(Integer.MAX_VALUE), faults);
        String text = query.isEmpty() ? "" : "?" + String.join("&", query);
        return new Attack(
                operation,
                shorten(what.toString()),
                plain,
                ids -> json(operation, path(operation, ids) + text, body, ids));
    }

    /** Whether this, in an address, leaves it an address of the same path that is not too long. */
    private static boolean isPlain(String value) {
        return value.length() < 10_000
                && value.replaceAll("%[0-9A-Fa-f]{2}", "").matches("[A-Za-z0-9+._-]*");
    }

    private List<List<Object>> fields(Operation operation) {
        return fields.getOrDefault(operation, List.of());
    }

    private List<JsonTemplate> bodies(Operation operation) {
        return bodies.getOrDefault(operation, List.of());
    }

    /** The places in bodies of this schema that have one of their own, those in lists as the first of the list. */
    private void addFields(JsonNode reference, List<Object> place, List<List<Object>> places) {
        JsonNode schema = contract.resolved(reference);
        schema.path("properties").properties().forEach(property -> {
            List<Object> field = then(place, property.getKey());
            places.add(field);
            addFields(property.getValue(), field, places);
        });
        if (schema.has("items") && !schema.has("properties")) {
            List<Object> first = then(place, 0);
            places.add(first);
            addFields(schema.get("items"), first, places);
        }
    }

    private static List<Object> then(List<Object> place, Object step) {
        List<Object> longer = new ArrayList<>(place);
        longer.add(step);
        return List.copyOf(longer);
    }

    private void addInField(Operation operation, List<Object> field, List<Attack> all) {
        int example = exampleWith(operation, field);
        for (HostileValues.Value value : values) {
            all.add(ofBody(
                    operation,
                    field + " is " + value.what(),
                    () -> body(operation, example, Map.of(field, value.bytes()))));
        }
        JsonTemplate template = bodies(operation).get(example);
        all.add(ofBody(operation, field + " is missing", () -> template.without(field)));
        if (field.get(field.size() - 1) instanceof String key) {
            String own = template.at(field).isMissingNode()
                    ? "null"
                    : template.at(field).toString();
            for (String twice : List.of("null", "\"x\"", "{}", own)) {
                byte[] both = (own + "," + JsonNodeFactory.instance.textNode(key) + ":" + twice).getBytes(UTF_8);
                all.add(ofBody(
                        operation, field + " is there twice", () -> body(operation, example, Map.of(field, both))));
            }
            for (String unknown : List.of("", "unexpected", "__proto__", key + " ", "\0", "\ud83d\ude00")) {
                List<Object> beside = then(field.subList(0, field.size() - 1), unknown);
                all.add(ofBody(
                        operation,
                        beside + " is not known",
                        () -> body(operation, example, Map.of(beside, "[{}]".getBytes(UTF_8)))));
            }
        }
    }

    /** The documented body that has the field, or the first. */
    private int exampleWith(Operation operation, List<Object> field) {
        List<JsonTemplate> examples = bodies(operation);
        for (int i = 0; i < examples.size(); i++) {
            if (!examples.get(i).at(field).isMissingNode()) {
                return i;
            }
        }
        return 0;
    }

    private byte[] body(Operation operation, int example, Map<List<Object>, byte[]> faults) {
        List<JsonTemplate> examples = bodies(operation);
        return examples.isEmpty()
                ? NO_BODY
                : examples.get(example % examples.size()).with(faults);
    }

    /** @param body made when it is sent: all of them together are large */
    private Attack ofBody(Operation operation, String what, Supplier<byte[]> body) {
        return new Attack(
                operation, shorten(what), true, ids -> json(operation, path(operation, ids), body.get(), ids));
    }

    private void addInPath(Operation operation, List<Attack> all) {
        byte[] body = body(operation, 0, Map.of());
        for (JsonNode parameter : parameters(operation, "path")) {
            String name = parameter.get("name").textValue();
            for (String id : HostileValues.ids()) {
                all.add(new Attack(operation, shorten(name + " is " + id), false, ids -> {
                    Map<String, String> others = new LinkedHashMap<>(ids);
                    others.put(name, id);
                    return json(operation, path(operation, others), body, ids);
                }));
            }
        }
        for (String end : List.of("/", "//", "/.", "/%00", "/x", "?", "?=", "?a=b", "#x", "?" + "a=b&".repeat(3_000))) {
            all.add(new Attack(
                    operation,
                    shorten("the path ends with " + end),
                    false,
                    ids -> json(operation, path(operation, ids) + end, body, ids)));
        }
        for (String method : OTHER_METHODS) {
            all.add(new Attack(
                    operation,
                    "the method is " + method,
                    false,
                    ids -> RawRequest.json(method, path(operation, ids), NO_BODY)));
        }
    }

    private void addInParameters(Operation operation, List<Attack> all) {
        byte[] body = body(operation, 0, Map.of());
        for (JsonNode parameter : parameters(operation, "query")) {
            String name = parameter.get("name").textValue();
            for (String value : HostileValues.query()) {
                all.add(new Attack(
                        operation,
                        shorten(name + " is " + value),
                        isPlain(value),
                        ids -> json(operation, path(operation, ids) + "?" + name + "=" + value, body, ids)));
            }
        }
        for (JsonNode parameter : parameters(operation, "header")) {
            String name = parameter.get("name").textValue();
            for (String value : HostileValues.headers()) {
                all.add(new Attack(
                        operation,
                        shorten(name + " is " + value),
                        false,
                        ids -> json(operation, path(operation, ids), body, ids)
                                .withHeaders(List.of("Content-Type: application/json", name + ": " + value))));
            }
        }
    }

    private void addWholeBodies(Operation operation, Random random, List<Attack> all) {
        byte[] good = body(operation, 0, Map.of());
        for (HostileValues.Value value : good.length == 0 ? values.subList(0, 3) : values) {
            all.add(ofBody(operation, "the body is " + value.what(), value::bytes));
        }
        if (good.length > 0) {
            all.add(new Attack(
                    operation, "the body is huge", false, ids -> json(operation, path(operation, ids), HUGE, ids)));
        }
        for (String type : List.of(
                "text/plain",
                "application/xml",
                "multipart/form-data",
                "application/json; charset=utf-16",
                "x",
                ";;;",
                "application/x-www-form-urlencoded",
                "application/json; charset=nonsense",
                "image/png")) {
            all.add(new Attack(
                    operation,
                    "it is sent as " + type,
                    false,
                    ids -> json(operation, path(operation, ids), good, ids)
                            .withHeaders(List.of("Content-Type: " + type))));
        }
        for (String header : List.of(
                "Content-Encoding: gzip",
                "Expect: 100-continue",
                "Accept: text/html",
                "Content-Length: x",
                "Upgrade: h2c",
                "Transfer-Encoding: chunked",
                "Transfer-Encoding: nonsense",
                "Content-Length: 5\r\nContent-Length: 6",
                "Content-Length: -1",
                "Content-Length: 99999999999999999999",
                "Range: bytes=0-1",
                "Cookie: \u0001")) {
            all.add(new Attack(operation, "it has " + header, false, ids -> {
                RawRequest request = json(operation, path(operation, ids), good, ids);
                return new RawRequest(request.method(), request.target(), List.of(header), request.body(), false);
            }));
        }
        for (int i = 0; i < MANGLED_BODIES && good.length > 1; i++) {
            byte[] mangled = mangled(good, random);
            all.add(ofBody(operation, "the body is mangled: " + new String(mangled, ISO_8859_1), () -> mangled));
            byte[] start = Arrays.copyOf(good, random.nextInt(good.length));
            all.add(ofBody(operation, "the body ends early", () -> start));
            all.add(new Attack(
                    operation,
                    "the body stops early",
                    false,
                    ids -> new RawRequest(
                            operation.method(),
                            path(operation, ids),
                            List.of("Content-Type: application/json", "Content-Length: " + good.length),
                            start,
                            false)));
        }
    }

    private static byte[] mangled(byte[] good, Random random) {
        byte[] bytes = good.clone();
        for (int i = random.nextInt(3); i >= 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    private static List<JsonNode> parameters(Operation operation, String where) {
        return operation.parameters().stream()
                .filter(one -> one.get("in").textValue().equals(where))
                .toList();
    }

    /** A request in which the ids of the examples are those of the target. */
    private RawRequest json(Operation operation, String target, byte[] body, Map<String, String> ids) {
        byte[] own = body;
        if (body.length < 100_000) {
            String text = new String(body, ISO_8859_1);
            for (var id : ids.entrySet()) {
                JsonNode parameter = contract.document().at("/components/parameters/" + id.getKey() + "/example");
                text = parameter.isTextual() ? text.replace(parameter.textValue(), id.getValue()) : text;
            }
            own = text.getBytes(ISO_8859_1);
        }
        return RawRequest.json(operation.method(), target, own);
    }

    /** The path with the ids of the target, or those of the examples. */
    static String path(Operation operation, Map<String, String> ids) {
        String path = operation.path();
        for (JsonNode parameter : parameters(operation, "path")) {
            String name = parameter.get("name").textValue();
            String id = ids.getOrDefault(name, parameter.path("example").asText("x"));
            path = path.replace("{" + name + "}", id);
        }
        return path;
    }

    private static String shorten(String text) {
        return text.length() <= 120 ? text : text.substring(0, 117) + "...";
    }
}
