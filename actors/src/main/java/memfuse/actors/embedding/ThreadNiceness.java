package memfuse.actors.embedding;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.ptr.IntByReference;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lowers the operating system's priority of single threads, which Java's own thread priorities do not do on Linux.
 *
 * <p>On Linux a thread has a nice value of its own: at 10 it gets about a tenth of a core that another thread wants,
 * and all of an idle one; at 19 it also gives way at once to any other that wakes up ({@code SCHED_IDLE}). Elsewhere
 * nothing happens.
 */
public final class ThreadNiceness {
    private static final Logger log = LoggerFactory.getLogger(ThreadNiceness.class);
    private static final AtomicBoolean reported = new AtomicBoolean();

    /** {@code PRIO_PROCESS}; with 0 as the id it means the calling thread on Linux. */
    private static final int PRIO_PROCESS = 0;

    private static final int NICEST = 19;

    private static final int SCHED_IDLE = 5;

    private ThreadNiceness() {}

    private static final class LibC {
        private static final Priorities LIBRARY = Native.load("c", Priorities.class);
    }

    interface Priorities extends Library {
        int setpriority(int which, int id, int niceness);

        int getpriority(int which, int id);

        int sched_setscheduler(int id, int policy, IntByReference priority);
    }

    /**
     * Adds to the calling thread's nice value, 0 (stays as it is) to 19 (only what is left over). Returns whether it
     * was done; that it was not is logged once.
     */
    public static boolean apply(int niceness) {
        if (niceness == 0) {
            return true;
        }
        if (!Platform.isLinux()) {
            report("not on this operating system", null);
            return false;
        }
        try {
            if (niceness == NICEST && LibC.LIBRARY.sched_setscheduler(0, SCHED_IDLE, new IntByReference(0)) != 0) {
                report("sched_setscheduler failed", null);
            }
            if (LibC.LIBRARY.setpriority(PRIO_PROCESS, 0, Math.min(NICEST, current() + niceness)) == 0) {
                return true;
            }
            report("setpriority failed", null);
        } catch (LinkageError e) {
            report("no native access", e);
        }
        return false;
    }

    /** The calling thread's nice value. Linux only. */
    static int current() {
        return LibC.LIBRARY.getpriority(PRIO_PROCESS, 0);
    }

    private static void report(String reason, @Nullable LinkageError cause) {
        if (reported.compareAndSet(false, true)) {
            log.info("background work runs at normal priority: {}", cause == null ? reason : reason + ": " + cause);
        }
    }
}
