package memfuse.protocol.facts;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which of a user's facts are wanted.
 *
 * @param at only those that held at this time; null: whenever
 * @param superseded also those that others took the place of; with {@code at} these are always among them
 * @param limit facts at the most, 1 to {@link #MAX_LIMIT}
 */
public record FactQuery(@Nullable Instant at, boolean superseded, int limit) {
    public static final int MAX_LIMIT = 10_000;

    public FactQuery {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new IllegalArgumentException("limit must be 1 to " + MAX_LIMIT + ": limit=" + limit);
        }
    }
}
