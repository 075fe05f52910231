package memfuse.bench.cpu;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The threads of a JVM, read from its own list of them. */
final class JvmThreads {
    /** {@code "name" … nid=0x1a2b …} or {@code "name" … nid=6699 …}; also those of the JVM itself. */
    private static final Pattern THREAD = Pattern.compile("^\"(.*)\" .*\\bnid=(0x[0-9a-f]+|\\d+)\\b");

    private static final Pattern NUMBER = Pattern.compile("[-#]?\\d+$");

    private JvmThreads() {}

    /** Names by the system's thread ids. */
    static Map<Long, String> namesById(String threadPrint) {
        Map<Long, String> names = new HashMap<>();
        threadPrint.lines().forEach(line -> {
            Matcher thread = THREAD.matcher(line);
            if (thread.find()) {
                names.put(Long.decode(thread.group(2)), thread.group(1));
            }
        });
        return names;
    }

    /** The name without its number, which threads of a pool share. */
    static String pool(String threadName) {
        return NUMBER.matcher(threadName).replaceFirst("");
    }
}
