package memfuse.protocol.memory;

/** What is searched by its meaning: a unit of retrieval, of whatever kind. */
public interface Embeddable {
    /** Where the unit comes from; unique. */
    UnitKey key();

    /** The text that its embedding is made of. */
    String embeddedText();

    /** Tokens of the text. */
    int tokens();
}
