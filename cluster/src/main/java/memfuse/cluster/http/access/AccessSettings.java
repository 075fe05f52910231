package memfuse.cluster.http.access;

import java.util.Optional;

/**
 * Who may come in.
 *
 * @param keysNeeded false: everybody, to everything
 * @param adminKey a key that permits everything and is stored nowhere
 * @param requestsPerMinute of one key, or of one client's address where no keys are needed; 0: any number
 */
public record AccessSettings(boolean keysNeeded, Optional<String> adminKey, int requestsPerMinute) {
    /** Without the key. */
    @Override
    public String toString() {
        return "AccessSettings[keysNeeded=" + keysNeeded + ", adminKey=" + (adminKey.isPresent() ? "***" : "none")
                + ", requestsPerMinute=" + requestsPerMinute + "]";
    }
}
