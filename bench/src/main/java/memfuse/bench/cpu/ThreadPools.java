package memfuse.bench.cpu;

import java.util.LinkedHashMap;
import java.util.Map;

/** What the threads of the server do, told by the names of their pools. */
final class ThreadPools {
    /** The beginning of the name, the first that fits. */
    private static final Map<String, String> PURPOSES = purposes();

    private ThreadPools() {}

    /** The pool's own name where nothing is known of it. */
    static String purpose(String pool) {
        return PURPOSES.entrySet().stream()
                .filter(known -> pool.startsWith(known.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(pool);
    }

    private static Map<String, String> purposes() {
        Map<String, String> purposes = new LinkedHashMap<>();
        purposes.put("memfuse-pekko.actor.default-dispatcher", "HTTP, actors and index");
        purposes.put("memfuse-pekko.actor.internal-dispatcher", "Pekko's own actors");
        purposes.put("memfuse-pekko.io.", "socket selector");
        purposes.put("memfuse-pekko.persistence.", "journal");
        purposes.put("db", "journal");
        purposes.put("memfuse-memfuse-flush", "flush");
        purposes.put("memfuse-memfuse-store", "store");
        purposes.put("memfuse-embed", "embedding");
        purposes.put("memfuse-scheduler", "timers");
        purposes.put("C1 CompilerThread", "JIT compiler");
        purposes.put("C2 CompilerThread", "JIT compiler");
        purposes.put("GC Thread", "garbage collection");
        purposes.put("G1 ", "garbage collection");
        purposes.put("VM Thread", "garbage collection");
        return purposes;
    }
}
