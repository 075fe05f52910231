package memfuse.protocol.directory;

import java.time.Instant;
import memfuse.protocol.CborSerializable;

/**
 * A conversation between one user and one agent.
 *
 * @param name unique among the user's sessions
 * @param createdAt to the microsecond
 * @param updatedAt to the microsecond
 */
public record Session(String id, String userId, String agentId, String name, Instant createdAt, Instant updatedAt)
        implements CborSerializable {}
