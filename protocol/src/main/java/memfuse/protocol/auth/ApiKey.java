package memfuse.protocol.auth;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an API key, the key itself apart.
 *
 * @param userId whose key it is: it goes with that user, and unless it permits {@code admin} it reaches nobody else's data
 * @param createdAt to the microsecond
 * @param expiresAt to the microsecond; from then on the key is refused. Null: never
 */
public record ApiKey(
        String id,
        String userId,
        @Nullable String name,
        Permissions permissions,
        Instant createdAt,
        @Nullable Instant expiresAt) {}
