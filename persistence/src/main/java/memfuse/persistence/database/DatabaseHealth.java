package memfuse.persistence.database;

import java.time.Duration;
import java.time.Instant;

/**
 * What one look at the database server found.
 *
 * @param up whether it answered in time
 * @param checkedAt when the look ended
 * @param took how long it took
 * @param problem why it is not up, in one line; empty when it is
 */
public record DatabaseHealth(boolean up, Instant checkedAt, Duration took, String problem) {}
