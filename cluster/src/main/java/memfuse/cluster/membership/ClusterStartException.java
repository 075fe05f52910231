package memfuse.cluster.membership;

import java.net.BindException;
import java.util.Locale;
import java.util.Optional;

/** The node cannot be a member of its cluster; the message says why, in one line for the person who starts it. */
public final class ClusterStartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ClusterStartException(String message, Throwable cause) {
        super(message, cause);
    }

    ClusterStartException(String message) {
        super(message);
    }

    /** What to say when an address cannot be listened on; empty where the failure is another one. */
    public static Optional<ClusterStartException> ofListening(String what, String address, Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String said = String.valueOf(cause.getMessage());
            boolean inUse = said.toLowerCase(Locale.ROOT).contains("in use");
            if (inUse || cause instanceof BindException || said.contains("Failed to bind")) {
                String told =
                        inUse ? "the port is in use" : said.lines().findFirst().orElse("");
                return Optional.of(
                        new ClusterStartException("cannot listen on " + address + " (" + what + "): " + told, failure));
            }
        }
        return Optional.empty();
    }
}
