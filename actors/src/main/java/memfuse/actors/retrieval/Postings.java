package memfuse.actors.retrieval;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * Where a term occurs: slots in ascending order with the number of occurrences, packed into one {@code int} each.
 *
 * <p>24 bits of slot and 8 bits of occurrences; more than 255 in one unit count as 255.
 */
final class Postings {
    static final int MAX_SLOTS = 1 << 24;

    private static final int MAX_OCCURRENCES = 255;

    private int[] packed = new int[1];
    private int size;

    /** Appends; slots must ascend. */
    void add(int slot, int occurrences) {
        if (size == packed.length) {
            packed = Arrays.copyOf(packed, size < 4 ? size + 1 : size + (size >> 1));
        }
        packed[size++] = slot << 8 | Math.min(occurrences, MAX_OCCURRENCES);
    }

    int size() {
        return size;
    }

    int slot(int i) {
        return packed[i] >>> 8;
    }

    int occurrences(int i) {
        return packed[i] & MAX_OCCURRENCES;
    }

    boolean has(int slot) {
        int low = 0;
        int high = size - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int found = slot(middle);
            if (found == slot) {
                return true;
            }
            if (found < slot) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return false;
    }

    int heapBytes() {
        return 40 + Integer.BYTES * packed.length;
    }

    /** Renames the slots, dropping those that become negative; the order must stay. */
    void renumber(IntUnaryOperator newSlot) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            int slot = newSlot.applyAsInt(slot(i));
            if (slot >= 0) {
                packed[kept++] = slot << 8 | occurrences(i);
            }
        }
        size = kept;
        packed = Arrays.copyOf(packed, Math.max(1, kept));
    }
}
