package memfuse.protocol.facts;

import java.util.List;
import memfuse.protocol.memory.Message;

/**
 * Messages of a session that wait for their facts: the next ones in their order, or ones that were changed after their
 * facts had been extracted.
 *
 * @param messages in order; none where all that waited is gone
 * @param afterSeq up to which message the session's facts were extracted when this was read
 * @param upToSeq up to which they are once this is done; the same as {@code afterSeq} for changed messages
 * @param changed numbers of the changed messages, which may be gone by now; none where these are the next ones
 */
public record FactBatch(
        String userId, String sessionId, List<Message> messages, long afterSeq, long upToSeq, List<Long> changed) {
    public FactBatch {
        messages = List.copyOf(messages);
        changed = List.copyOf(changed);
        if (upToSeq < afterSeq) {
            throw new IllegalArgumentException("a batch goes forward: afterSeq=" + afterSeq + ", upToSeq=" + upToSeq);
        }
    }

    /** The first messages of this batch, at least one, as a batch of their own. */
    public FactBatch first(int count) {
        if (count >= messages.size()) {
            return this;
        }
        List<Message> fewer = messages.subList(0, Math.max(1, count));
        List<Long> seqs = fewer.stream().map(Message::seq).toList();
        return changed.isEmpty()
                ? new FactBatch(userId, sessionId, fewer, afterSeq, seqs.get(seqs.size() - 1), List.of())
                : new FactBatch(userId, sessionId, fewer, afterSeq, upToSeq, seqs);
    }
}
