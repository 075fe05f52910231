package memfuse.protocol.directory;

import java.time.Instant;
import memfuse.protocol.CborSerializable;
import org.jspecify.annotations.Nullable;

/**
 * A user or an agent.
 *
 * @param name at least one character, unique among its kind
 * @param createdAt to the microsecond
 * @param updatedAt to the microsecond
 */
public record Entity(String id, String name, @Nullable String description, Instant createdAt, Instant updatedAt)
        implements CborSerializable {}
