package memfuse.cluster.contract;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/**
 * What can be sent that should not be to an operation that takes a file of JSON lines, made of a file that is as it should
 * be.
 */
public final class LineAttacks {
    private static final String LINES = "application/x-ndjson";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CUTS = 20;

    private final Operation operation;
    private final List<String> lines;
    private final Random random;
    private final List<Attack> all = new ArrayList<>();

    private LineAttacks(Operation operation, byte[] file, Random random) {
        this.operation = operation;
        this.lines = new String(file, UTF_8).lines().toList();
        this.random = random;
    }

    /** What each line of the answer is, where an operation answers with lines; otherwise missing. */
    public static JsonNode given(Operation operation) {
        return operation.described().at("/responses/200/content").path(LINES).path("x-itemSchema");
    }

    /**
     * Attacks on the operations that take lines.
     *
     * @param files that are as they should be, by what each line is
     */
    public static List<Attack> all(Contract contract, Map<JsonNode, byte[]> files, Random random) {
        List<Attack> all = new ArrayList<>();
        for (Operation operation : contract.operations()) {
            JsonNode schema =
                    operation.described().at("/requestBody/content").path(LINES).path("x-itemSchema");
            byte[] file = files.get(schema);
            if (file != null) {
                all.addAll(new LineAttacks(operation, file, random).attacks(contract.resolved(schema)));
            }
        }
        return all;
    }

    private List<Attack> attacks(JsonNode schema) {
        add("nothing is wrong", () -> joined(lines));
        for (String field : schema.path("properties").properties().stream()
                .map(Map.Entry::getKey)
                .toList()) {
            for (HostileValues.Value value : HostileValues.json()) {
                int place = lineWith(field);
                JsonTemplate line = template(lines.get(place));
                add(
                        field + " of line " + place + " is " + value.what(),
                        () -> with(place, line.with(Map.of(List.of(field), value.bytes()))));
            }
            int place = lineWith(field);
            byte[] without = template(lines.get(place)).without(List.of(field));
            add(field + " of line " + place + " is missing", () -> with(place, without));
        }
        for (HostileValues.Value value : HostileValues.json()) {
            int place = random.nextInt(lines.size());
            add("line " + place + " is " + value.what(), () -> with(place, value.bytes()));
        }
        for (int i = 0; i < lines.size(); i++) {
            int place = i;
            add("line " + i + " is missing", () -> with(place, new byte[0]));
            add(
                    "line " + i + " is there twice",
                    () -> with(place, (lines.get(place) + "\n" + lines.get(place)).getBytes(UTF_8)));
            add("line " + i + " is the last", () -> joined(lines.subList(0, place + 1)));
            add("line " + i + " is the first", () -> joined(lines.subList(place, lines.size())));
        }
        for (int i = 0; i < CUTS; i++) {
            byte[] whole = joined(lines);
            byte[] start = Arrays.copyOf(whole, random.nextInt(whole.length));
            byte[] mangled = whole.clone();
            mangled[random.nextInt(whole.length)] = (byte) random.nextInt(256);
            add("the file ends early", () -> start);
            add("the file is mangled", () -> mangled);
        }
        return all;
    }

    private void add(String what, Supplier<byte[]> body) {
        all.add(new Attack(
                operation,
                what,
                true,
                ids -> new RawRequest(
                        operation.method(),
                        Attacks.path(operation, ids),
                        List.of("Content-Type: " + LINES),
                        body.get(),
                        true)));
    }

    /** By chance one of the lines that have the field, or any. */
    private int lineWith(String field) {
        List<Integer> having = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).contains("\"" + field + "\":")) {
                having.add(i);
            }
        }
        return having.isEmpty() ? random.nextInt(lines.size()) : having.get(random.nextInt(having.size()));
    }

    private byte[] with(int place, byte[] line) {
        byte[] before = joined(lines.subList(0, place));
        byte[] after = joined(lines.subList(place + 1, lines.size()));
        byte[] file = Arrays.copyOf(before, before.length + line.length + 1 + after.length);
        System.arraycopy(line, 0, file, before.length, line.length);
        file[before.length + line.length] = '\n';
        System.arraycopy(after, 0, file, before.length + line.length + 1, after.length);
        return file;
    }

    private static byte[] joined(List<String> lines) {
        return lines.isEmpty() ? new byte[0] : (String.join("\n", lines) + "\n").getBytes(UTF_8);
    }

    private static JsonTemplate template(String line) {
        try {
            return new JsonTemplate(JSON.readTree(line));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not a line of JSON: " + line, e);
        }
    }
}
