package memfuse.bench.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Processor time of a process or a thread as Linux counts it, in ticks of 10 ms.
 *
 * @param time of its own
 * @param endedChildren of its children that have ended
 */
record ProcStat(CpuTime time, CpuTime endedChildren) {
    private static final int MILLIS_PER_TICK = 10;

    static final ProcStat ENDED = new ProcStat(CpuTime.NONE, CpuTime.NONE);

    static ProcStat ofProcess(long pid) throws IOException {
        return read(Path.of("/proc", Long.toString(pid), "stat"));
    }

    static ProcStat ofThread(long pid, long threadId) throws IOException {
        return read(Path.of("/proc", Long.toString(pid), "task", Long.toString(threadId), "stat"));
    }

    private static ProcStat read(Path file) throws IOException {
        try {
            return parse(Files.readString(file));
        } catch (NoSuchFileException ended) {
            return ENDED;
        }
    }

    /** The fields are numbered as in proc(5); the second, in brackets, may hold blanks. */
    static ProcStat parse(String stat) {
        String[] fromThird = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return new ProcStat(
                new CpuTime(ticks(fromThird, 14), ticks(fromThird, 15)),
                new CpuTime(ticks(fromThird, 16), ticks(fromThird, 17)));
    }

    private static Duration ticks(String[] fromThird, int field) {
        return Duration.ofMillis(MILLIS_PER_TICK * Long.parseLong(fromThird[field - 3]));
    }
}
