package memfuse.protocol.directory;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is left of something that was erased: that it was, when, and how much of it there was. Written in the transaction
 * that erases.
 *
 * @param id the id of what was erased
 * @param kind {@code user} or {@code session}
 * @param userId whose it was
 * @param counts rows that were removed, by layer
 */
public record ErasureReceipt(String id, String kind, String userId, Instant erasedAt, Map<String, Long> counts) {
    public ErasureReceipt {
        counts = new LinkedHashMap<>(counts);
    }
}
