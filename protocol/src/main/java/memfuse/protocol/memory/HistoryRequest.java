package memfuse.protocol.memory;

import java.util.Comparator;
import memfuse.protocol.CborSerializable;

/**
 * A page of a session's history.
 *
 * @param limit messages at the most, 1 to 100
 * @param bufferOnly only what is still in the round and hybrid buffers
 */
public record HistoryRequest(int limit, SortBy sortBy, boolean descending, boolean bufferOnly)
        implements CborSerializable {
    /** The largest page. */
    public static final int MAX_LIMIT = 100;

    public HistoryRequest {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new IllegalArgumentException("limit must be 1 to " + MAX_LIMIT + ": limit=" + limit);
        }
    }

    /** What a page is sorted by; messages of one time keep their order in the session. */
    public enum SortBy {
        TIMESTAMP,
        ID
    }

    /** The order of the page; ids go by code points, which is also the order of their UTF-8 bytes in the database. */
    public Comparator<Message> order() {
        Comparator<Message> ascending = switch (sortBy) {
            case TIMESTAMP -> Comparator.comparing(Message::createdAt).thenComparingLong(Message::seq);
            case ID -> Comparator.comparing(Message::id, HistoryRequest::compareCodePoints);
        };
        return descending ? ascending.reversed() : ascending;
    }

    private static int compareCodePoints(String a, String b) {
        int differsAt = 0;
        int shorter = Math.min(a.length(), b.length());
        while (differsAt < shorter && a.charAt(differsAt) == b.charAt(differsAt)) {
            differsAt++;
        }
        return differsAt == shorter
                ? Integer.compare(a.length(), b.length())
                : Integer.compare(rank(a.charAt(differsAt)), rank(b.charAt(differsAt)));
    }

    /** The character itself, with surrogates behind all others: what they stand for comes after U+FFFF. */
    private static int rank(char c) {
        return Character.isSurrogate(c) ? c + Character.MAX_VALUE : c;
    }
}
