package memfuse.actors.user;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import memfuse.protocol.Cause;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the node's log which sessions and users fail. In an outage of the database thousands do at the same time: then
 * one line speaks for all of them, every {@link #PERIOD}. Thread-safe.
 */
public final class FailureLog {
    /** At most one line of a kind in this time. */
    static final Duration PERIOD = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(FailureLog.class);

    private final InstantSource clock;
    private final Kind sessions = new Kind();
    private final Kind users = new Kind();

    public FailureLog(InstantSource clock) {
        this.clock = clock;
    }

    /** A session's actor has ended by a failure. */
    void sessionFailed(String sessionId, @Nullable Throwable failure) {
        say(sessions, "session " + sessionId + " failed and is started again", failure);
    }

    /** A user's actor cannot begin. */
    void userNotRead(String userId, @Nullable Throwable failure) {
        say(users, "the sessions of user " + userId + " cannot be read, requests are refused", failure);
    }

    private void say(Kind kind, String what, @Nullable Throwable failure) {
        long others = kind.admit(clock.instant());
        if (others == 0) {
            LOG.warn("{}: {}", what, Cause.of(failure));
        } else if (others > 0) {
            LOG.warn("{}, and {} more since the last line: {}", what, others, Cause.of(failure));
        }
        LOG.debug("{}", what, failure);
    }

    /** Failures that a line can speak for. */
    private static final class Kind {
        private Instant quietUntil = Instant.MIN;
        private long untold;

        /** How many others a line that is due now speaks for, or -1 where none is due. */
        synchronized long admit(Instant now) {
            if (now.isBefore(quietUntil)) {
                untold++;
                return -1;
            }
            long others = untold;
            untold = 0;
            quietUntil = now.plus(PERIOD);
            return others;
        }
    }
}
