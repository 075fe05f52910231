package memfuse.protocol.memory;

import org.jspecify.annotations.Nullable;

/**
 * A unit of retrieval (M1): a message, or a piece of a long one, with what it is searched by.
 *
 * @param key where it comes from; unique
 * @param message the message it is a piece of
 * @param text the piece's own text; the whole content where the message has one unit
 * @param tokens tokens of the text
 * @param vector its embedding of unit length, or null while that is not ready (or there is no model)
 */
public record MemoryUnit(UnitKey key, Message message, String text, int tokens, float @Nullable [] vector)
        implements Embeddable {

    /** This unit with its embedding. */
    public MemoryUnit withVector(float[] embedding) {
        return new MemoryUnit(key, message, text, tokens, embedding);
    }

    /** This unit as one of the round that begins with this message. */
    public MemoryUnit inRound(long firstSeq) {
        return new MemoryUnit(key, message.inRound(firstSeq), text, tokens, vector);
    }

    /** The text that is embedded: {@code speaker: text} where the caller named a speaker. */
    @Override
    public String embeddedText() {
        return embeddedText(message.name(), text);
    }

    /** The text that is embedded for a piece of what {@code speaker} says. */
    public static String embeddedText(@Nullable String speaker, String text) {
        return speaker == null ? text : speaker + ": " + text;
    }
}
