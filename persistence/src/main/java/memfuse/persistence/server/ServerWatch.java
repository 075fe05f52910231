package memfuse.persistence.server;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a started server running until it is closed: looks every second, starts it again on the same port when its
 * process is gone (killed for lack of memory, say), and keeps its log short.
 *
 * <p>PostgreSQL itself restarts after the crash of one of its workers; this is for the death of its first process.
 */
final class ServerWatch {

    private static final Logger LOG = LoggerFactory.getLogger(ServerWatch.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration INTERVAL_AFTER_FAILURE = Duration.ofSeconds(5);

    /** Failed starts that one line in the log speaks for: those of a minute. */
    private static final int STARTS_PER_LINE = 12;

    private final Postmaster postmaster;
    private final ServerLog log;
    private final Duration startTimeout;
    private final Thread thread = new Thread(this::run, "embedded-postgres-watch");
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile PostmasterFile running;
    private int failedStarts;
    private boolean logFails;

    private ServerWatch(Postmaster postmaster, PostmasterFile running, ServerLog log, Duration startTimeout) {
        this.postmaster = postmaster;
        this.running = running;
        this.log = log;
        this.startTimeout = startTimeout;
    }

    static ServerWatch over(Postmaster postmaster, PostmasterFile running, ServerLog log, Duration startTimeout) {
        ServerWatch watch = new ServerWatch(postmaster, running, log, startTimeout);
        watch.thread.setDaemon(true);
        watch.thread.start();
        return watch;
    }

    /** The server as it was last started. */
    PostmasterFile running() {
        return running;
    }

    /** Ends the watch, a restart under way included, and leaves the server as it is. */
    void end() {
        stopping.countDown();
        try {
            thread.join(startTimeout.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        Duration pause = INTERVAL;
        try {
            while (!stopping.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                pause = look() ? INTERVAL : INTERVAL_AFTER_FAILURE;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the server runs. */
    private boolean look() {
        boundLog();
        try {
            if (!postmaster.isRunning(running)) {
                startAgain();
            }
            failedStarts = 0;
            return true;
        } catch (IOException | RuntimeException e) {
            if (failedStarts++ % STARTS_PER_LINE == 0) {
                LOG.error(
                        "PostgreSQL cannot be watched or started again, which is tried every {} s: {}",
                        INTERVAL_AFTER_FAILURE.toSeconds(),
                        e.getMessage());
            }
            return false;
        }
    }

    private void startAgain() throws IOException {
        if (failedStarts == 0) {
            LOG.error("PostgreSQL, pid {}, is gone; starting it again", running.pid());
        }
        int port = running.port();
        running = postmaster.start(() -> port, startTimeout);
        LOG.info("PostgreSQL runs again, pid {}, after {} starts that failed", running.pid(), failedStarts);
    }

    /** A log that cannot be kept short, on a full disk say, is no reason not to look after the server. */
    private void boundLog() {
        try {
            log.bound();
            logFails = false;
        } catch (IOException | RuntimeException e) {
            if (!logFails) {
                LOG.warn("the log of PostgreSQL cannot be kept short: {}", e.getMessage());
            }
            logFails = true;
        }
    }
}
