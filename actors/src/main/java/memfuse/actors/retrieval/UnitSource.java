package memfuse.actors.retrieval;

/** What kind of memory a unit is. */
public enum UnitSource {
    /** A message of a session, or a piece of one; said between others, which help to find it. */
    MESSAGE,
    /** A piece of knowledge that stands by itself. */
    KNOWLEDGE
}
