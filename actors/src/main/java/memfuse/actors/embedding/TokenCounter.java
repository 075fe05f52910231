package memfuse.actors.embedding;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;

/**
 * Counts tokens as the cl100k vocabulary does. Thread-safe, exact, about 10 µs a chat turn.
 *
 * <p>Linear in the length whatever the text is (1 MiB of one letter or of spaces takes under a second); texts that look
 * like special tokens count as ordinary text.
 */
public final class TokenCounter {
    private final Encoding encoding = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.CL100K_BASE);

    /** Tokens of the text. */
    public int count(String text) {
        return encoding.countTokensOrdinary(UnicodeText.wellFormed(text, text.length()));
    }
}
