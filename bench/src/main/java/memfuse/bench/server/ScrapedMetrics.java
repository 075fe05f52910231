package memfuse.bench.server;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a server's {@code /metrics} said at one time. */
public record ScrapedMetrics(Map<String, Double> values) {
    private static final Pattern LINE = Pattern.compile("^([a-z_]+(?:\\{[^}]*})?) ([-+0-9.eE]+|NaN|[-+]Inf)$");

    public ScrapedMetrics {
        values = Map.copyOf(values);
    }

    /** Reads Prometheus' text format. */
    public static ScrapedMetrics read(String text) {
        Map<String, Double> values = new TreeMap<>();
        text.lines().forEach(line -> {
            Matcher found = LINE.matcher(line);
            if (found.matches() && !found.group(2).endsWith("Inf")) {
                values.put(found.group(1), Double.parseDouble(found.group(2)));
            }
        });
        return new ScrapedMetrics(values);
    }

    /** The sum of all whose name and labels begin so. */
    public double sum(String beginning) {
        return values.entrySet().stream()
                .filter(value -> value.getKey().startsWith(beginning))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    /** What each label of this one has counted since an earlier look, without what has not. */
    public Map<String, Double> countedSince(ScrapedMetrics earlier, String name) {
        Map<String, Double> counted = new TreeMap<>();
        values.forEach((key, value) -> {
            double more = value - earlier.values.getOrDefault(key, 0.0);
            if (key.startsWith(name + "{") && more > 0) {
                counted.put(key.substring(name.length() + 1, key.length() - 1), more);
            }
        });
        return counted;
    }

    /** Bytes of the heap in use, garbage included. */
    public double heapBytes() {
        return sum("jvm_memory_used_bytes{area=\"heap\"");
    }
}
