package memfuse.actors.retrieval;

/**
 * A message that may be a hit, with its best unit.
 *
 * @param firstPlace the place of its first unit in the session
 * @param units how many it has
 * @param slot its best unit
 */
record Candidate(SessionUnits session, int firstPlace, int units, int slot, Exactness exactness, float score) {
    /** How far a message's words are those of the query. */
    enum Exactness {
        NONE,
        /** The same words in another order. */
        SAME_WORDS,
        SAME_TEXT
    }

    Candidate lowered(double by) {
        return new Candidate(session, firstPlace, units, slot, exactness, (float) (score - by));
    }
}
