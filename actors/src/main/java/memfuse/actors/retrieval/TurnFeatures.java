package memfuse.actors.retrieval;

import java.util.Arrays;

/**
 * What is known of each turn in view of one query; arrays by slot. Slots that are not searched are skipped everywhere.
 *
 * <p>{@code previous} and {@code next} are slots or −1; {@code session} numbers the sessions from 0, −1 for a unit that
 * stands by itself.
 */
final class TurnFeatures {
    final int slots;
    final boolean[] searched;
    final int[] previous;
    final int[] next;
    final int[] session;

    /** Cosine, or NaN where there is no vector. */
    final float[] dense;

    final float[] bm25Own;
    final float[] bm25Previous;
    final float[] bm25Both;
    final float[] logLength;

    /** Whether the turn ends as a question. */
    final boolean[] questions;

    /** Everything that is added as it is: question, speaker, coverage. */
    final float[] added;

    /** Turns without neighbours that are not searched; fill the arrays in. */
    TurnFeatures(int slots) {
        this(slots, new int[slots], new int[slots], new float[slots], new boolean[slots]);
        Arrays.fill(previous, -1);
        Arrays.fill(next, -1);
    }

    /** Of the units of a table, whose own columns it shares. */
    TurnFeatures(UnitTable table) {
        this(table.slots(), table.previous, table.next, table.logLengths, table.questions);
    }

    private TurnFeatures(int slots, int[] previous, int[] next, float[] logLength, boolean[] questions) {
        this.slots = slots;
        this.previous = previous;
        this.next = next;
        this.logLength = logLength;
        this.questions = questions;
        searched = new boolean[slots];
        session = new int[slots];
        dense = new float[slots];
        bm25Own = new float[slots];
        bm25Previous = new float[slots];
        bm25Both = new float[slots];
        added = new float[slots];
        Arrays.fill(session, -1);
        Arrays.fill(dense, Float.NaN);
    }
}
