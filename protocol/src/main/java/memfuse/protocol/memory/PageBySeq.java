package memfuse.protocol.memory;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import memfuse.protocol.CborSerializable;

/**
 * A page of a session's messages by their numbers, so that one page after the other gives each message once.
 *
 * @param afterSeq the number of the last message of the page before, 0 for the first page
 * @param maxMessages at least 1
 * @param maxBytes about how much text there may be; one message is in the page whatever it has
 */
public record PageBySeq(long afterSeq, int maxMessages, long maxBytes) implements CborSerializable {
    public PageBySeq {
        if (afterSeq < 0 || maxMessages < 1 || maxBytes < 1) {
            throw new IllegalArgumentException(
                    "not a page: afterSeq=" + afterSeq + ", maxMessages=" + maxMessages + ", maxBytes=" + maxBytes);
        }
    }

    /** The page of these messages, which are in order. */
    public List<Message> of(Stream<Message> messages) {
        List<Message> page = new ArrayList<>();
        long bytes = 0;
        Iterator<Message> rest =
                messages.filter(message -> message.seq() > afterSeq).iterator();
        while (rest.hasNext() && page.size() < maxMessages && bytes < maxBytes) {
            Message message = rest.next();
            bytes += message.sizeBytes();
            if (page.isEmpty() || bytes <= maxBytes) {
                page.add(message);
            }
        }
        return page;
    }
}
