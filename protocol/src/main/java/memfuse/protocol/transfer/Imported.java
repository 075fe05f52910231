package memfuse.protocol.transfer;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import memfuse.protocol.CborSerializable;

/**
 * What an import has stored.
 *
 * @param importedAt to the microsecond
 * @param sessionIds ids of sessions, by those in the file
 * @param agentIds ids of agents, by those in the file
 * @param knowledgeIds ids of knowledge by those in the file, of the items that could not keep theirs
 * @param messages how many
 * @param knowledge how many items
 */
public record Imported(
        Instant importedAt,
        Map<String, String> sessionIds,
        Map<String, String> agentIds,
        Map<String, String> knowledgeIds,
        long messages,
        long knowledge)
        implements CborSerializable {
    public Imported {
        sessionIds = new LinkedHashMap<>(sessionIds);
        agentIds = new LinkedHashMap<>(agentIds);
        knowledgeIds = new LinkedHashMap<>(knowledgeIds);
    }
}
