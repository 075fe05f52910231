package memfuse.cluster.contract;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * An answer as it came from a server.
 *
 * @param headers by their names in lower case
 */
public record Received(int status, Map<String, String> headers, String body) {
    public Received {
        Map<String, String> lowerCase = new TreeMap<>();
        headers.forEach((name, value) -> lowerCase.put(name.toLowerCase(Locale.ROOT), value));
        headers = Map.copyOf(lowerCase);
    }

    /** Without parameters such as the charset; empty where there is none. */
    String mediaType() {
        return headers.getOrDefault("content-type", "").split(";", 2)[0].strip();
    }

    boolean has(String header) {
        return headers.containsKey(header.toLowerCase(Locale.ROOT));
    }
}
