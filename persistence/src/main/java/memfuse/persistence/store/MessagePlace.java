package memfuse.persistence.store;

import java.util.List;
import memfuse.protocol.store.SessionFlush;

/** Where a message is: its user, its session, and its number in that. */
record MessagePlace(String userId, String sessionId, long seq) {
    static MessagePlace of(SessionFlush flush, long seq) {
        return new MessagePlace(flush.userId(), flush.sessionId(), seq);
    }

    static List<MessagePlace> deletedIn(List<SessionFlush> flushes) {
        return flushes.stream()
                .flatMap(flush -> flush.deleted().stream().map(seq -> of(flush, seq)))
                .toList();
    }
}
