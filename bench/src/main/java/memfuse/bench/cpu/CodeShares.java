package memfuse.bench.cpu;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/**
 * Which parts of the code the threads of a pool were found in, by a flight recording's samples.
 *
 * <p>The samples say how the time of a pool in the program divides; how much time that was, and how much a pool spent in
 * the kernel, the system says. So the sums are exact, and the division is as good as the number of samples.
 */
public final class CodeShares {
    private static final String SAMPLE = "jdk.ExecutionSample";

    /** Samples by pool and part. */
    private final Map<String, Map<String, Integer>> samples = new HashMap<>();

    private record Rule(String packageOrClass, String part) {}

    /** From the top of a stack down, the first frame that one of these fits decides. */
    private static final List<Rule> RULES = List.of(
            new Rule("memfuse.actors.retrieval.", "index"),
            new Rule("memfuse.actors.user.UserIndex", "index"),
            new Rule("memfuse.actors.user.UserQueries", "index"),
            new Rule("memfuse.actors.embedding.TokenCounter", "counting tokens"),
            new Rule("memfuse.actors.embedding.", "embedding"),
            new Rule("memfuse.actors.layers.", "embedding"),
            new Rule("memfuse.actors.flush.", "flush"),
            new Rule("memfuse.persistence.store.", "flush"),
            new Rule("memfuse.cluster.http.", "HTTP"),
            new Rule("org.apache.pekko.http.", "HTTP"),
            new Rule("org.apache.pekko.stream.", "HTTP"),
            new Rule("org.apache.pekko.io.", "HTTP"),
            new Rule("org.apache.pekko.persistence.jdbc.", "journal"),
            new Rule("org.apache.pekko.persistence.journal.", "journal"),
            new Rule("org.apache.pekko.persistence.query.", "journal"),
            new Rule("org.apache.pekko.serialization.", "journal"),
            new Rule("slick.", "journal"),
            new Rule("org.apache.pekko.cluster.sharding.", "sharding"),
            new Rule("org.apache.pekko.persistence.", "actors"),
            new Rule("memfuse.actors.", "actors"),
            new Rule("org.apache.pekko.actor.typed.", "actors"),
            new Rule("org.apache.pekko.dispatch.", "dispatching"),
            new Rule("java.util.concurrent.ForkJoin", "dispatching"));

    CodeShares() {}

    /** Of all samples in a recording. */
    public static CodeShares read(Path recording) throws IOException {
        CodeShares shares = new CodeShares();
        try (RecordingFile events = new RecordingFile(recording)) {
            while (events.hasMoreEvents()) {
                RecordedEvent event = events.readEvent();
                if (event.getEventType().getName().equals(SAMPLE)) {
                    shares.add(event);
                }
            }
        }
        return shares;
    }

    private void add(RecordedEvent sample) {
        RecordedThread thread = sample.getThread("sampledThread");
        RecordedStackTrace stack = sample.getStackTrace();
        if (thread != null && thread.getJavaName() != null && stack != null) {
            List<String> classes = stack.getFrames().stream()
                    .filter(RecordedFrame::isJavaFrame)
                    .map(frame -> frame.getMethod().getType().getName())
                    .toList();
            add(JvmThreads.pool(thread.getJavaName()), part(classes));
        }
    }

    void add(String pool, String part) {
        samples.computeIfAbsent(pool, unused -> new TreeMap<>()).merge(part, 1, Integer::sum);
    }

    /** The part of the code that a stack is in, its classes given from the top down. */
    static String part(List<String> classes) {
        for (String name : classes) {
            for (Rule rule : RULES) {
                if (name.startsWith(rule.packageOrClass())) {
                    return rule.part();
                }
            }
        }
        return "other code";
    }

    /** The server's time by part. */
    Map<String, CpuTime> parts(CpuTimes times) {
        Map<String, CpuTime> parts = new TreeMap<>();
        times.threads().forEach((pool, time) -> divide(pool, time, parts));
        parts.merge("threads that have ended", CpuParts.ended(times), CpuTime::plus);
        return parts;
    }

    private void divide(String pool, CpuTime time, Map<String, CpuTime> parts) {
        Map<String, Integer> found = samples.getOrDefault(pool, Map.of());
        int all = found.values().stream().mapToInt(Integer::intValue).sum();
        String purpose = ThreadPools.purpose(pool);
        if (found.size() < 2) {
            parts.merge(purpose, time, CpuTime::plus);
            return;
        }
        found.forEach((part, count) -> {
            Duration share = Duration.ofNanos(time.user().toNanos() / all * count);
            parts.merge(part, new CpuTime(share, Duration.ZERO), CpuTime::plus);
        });
        parts.merge("kernel: " + purpose, new CpuTime(Duration.ZERO, time.kernel()), CpuTime::plus);
    }
}
