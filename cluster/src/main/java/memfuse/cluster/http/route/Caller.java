package memfuse.cluster.http.route;

import java.time.Instant;
import memfuse.protocol.auth.Permissions;
import org.jspecify.annotations.Nullable;

/**
 * Who sent a request, as far as it matters for what the request may do.
 *
 * @param userId the only user whose data the caller may touch; null for everybody's
 * @param expiresAt when the caller's key ends, or null where it does not
 */
public record Caller(
        @Nullable String userId,
        Permissions permissions,
        @Nullable Instant expiresAt) {
    /** Whoever comes, where no keys are asked for. */
    public static final Caller ANYONE = new Caller(null, Permissions.ADMIN, null);

    /** Whether there are users whose data the caller may not touch. */
    public boolean isBound() {
        return userId != null;
    }

    /** Whether the user's data is within the caller's reach; what may be done to it, the permissions say. */
    public boolean reaches(String user) {
        return userId == null || userId.equals(user);
    }
}
