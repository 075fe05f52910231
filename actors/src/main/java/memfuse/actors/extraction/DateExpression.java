package memfuse.actors.extraction;

import java.time.LocalDate;

/**
 * A place in a text that names a day or days.
 *
 * @param start of the expression in the text
 * @param end exclusive
 * @param from the first day
 * @param until the day after the last
 */
record DateExpression(int start, int end, LocalDate from, LocalDate until) {
    /** Whether the text speaks of the past or of what is to come, as the tense of its verb says. */
    enum Direction {
        PAST,
        FUTURE
    }
}
