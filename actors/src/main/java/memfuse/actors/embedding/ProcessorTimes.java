package memfuse.actors.embedding;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How a thread has fared on the processors since it began.
 *
 * @param runNanos time it ran
 * @param waitNanos time it was ready to run and others were running in its place; not the time it slept
 */
record ProcessorTimes(long runNanos, long waitNanos) {
    static final ProcessorTimes NONE = new ProcessorTimes(0, 0);

    private static final Path SCHEDSTAT = Path.of("/proc/thread-self/schedstat");

    /** Those of the calling thread, as Linux counts them; {@link #NONE} where nobody does. */
    static ProcessorTimes ofThisThread() {
        try {
            return parse(Files.readString(SCHEDSTAT));
        } catch (IOException e) {
            return NONE;
        }
    }

    /** @param schedstat nanoseconds running, nanoseconds waiting, and time slices, as in proc_pid_schedstat(5) */
    static ProcessorTimes parse(String schedstat) {
        String[] fields = schedstat.trim().split(" ", -1);
        return fields.length < 2 ? NONE : new ProcessorTimes(Long.parseLong(fields[0]), Long.parseLong(fields[1]));
    }

    ProcessorTimes since(ProcessorTimes earlier) {
        return new ProcessorTimes(runNanos - earlier.runNanos, waitNanos - earlier.waitNanos);
    }
}
