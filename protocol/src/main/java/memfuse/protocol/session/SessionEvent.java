package memfuse.protocol.session;

import java.util.List;
import memfuse.protocol.CborSerializable;
import memfuse.protocol.session.SessionProtocol.Watermarks;

/**
 * Something that became of a session's messages.
 *
 * @param id its place among the session's events, for who wants those after it
 * @param seqs the numbers of the messages it is about; none where the watermarks say all
 * @param messageIds their ids, where it is about messages that were appended or removed
 * @param watermarks how far the session has come since
 */
public record SessionEvent(String id, Type type, List<Long> seqs, List<String> messageIds, Watermarks watermarks)
        implements CborSerializable {
    public SessionEvent {
        seqs = List.copyOf(seqs);
        messageIds = List.copyOf(messageIds);
    }

    /** What happened. */
    public enum Type {
        /** Messages are journaled, and found by their words. */
        APPENDED("appended"),
        /** Rounds moved on from the round buffer. */
        TRANSFERRED("transferred"),
        /** M0 has more. */
        FLUSHED("flushed"),
        /** Embeddings are ready: messages are found by what they mean. */
        INDEXED("indexed"),
        /** Messages were removed. */
        DELETED("deleted"),
        /** Events between the one asked for and this one are not known any more; the history tells what they did. */
        RESET("reset");

        private final String wireName;

        Type(String wireName) {
            this.wireName = wireName;
        }

        public String wireName() {
            return wireName;
        }
    }
}
