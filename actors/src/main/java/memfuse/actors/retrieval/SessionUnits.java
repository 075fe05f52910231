package memfuse.actors.retrieval;

import java.util.Arrays;

/** The slots of one session's units in the order of the conversation. */
final class SessionUnits {
    final String id;

    private int[] slots = new int[4];
    private int size;

    SessionUnits(String id) {
        this.id = id;
    }

    int size() {
        return size;
    }

    int slot(int place) {
        return slots[place];
    }

    /** The place of a unit, or −(place where it belongs) − 1 where it is not there. */
    int find(long seq, int chunkNo, IndexedUnit[] units) {
        int low = 0;
        int high = size - 1;
        if (size > 0 && compare(units[slots[high]], seq, chunkNo) < 0) {
            return -size - 1; // appends are the usual case
        }
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = compare(units[slots[middle]], seq, chunkNo);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -low - 1;
    }

    void insert(int place, int slot) {
        if (size == slots.length) {
            slots = Arrays.copyOf(slots, 2 * size);
        }
        System.arraycopy(slots, place, slots, place + 1, size - place);
        slots[place] = slot;
        size++;
    }

    void remove(int place) {
        size--;
        System.arraycopy(slots, place + 1, slots, place, size - place);
    }

    /** Renames the slots; all of them are alive. */
    void renumber(int[] newSlots) {
        for (int place = 0; place < size; place++) {
            slots[place] = newSlots[slots[place]];
        }
    }

    private static int compare(IndexedUnit unit, long seq, int chunkNo) {
        int order = Long.compare(unit.key().seq(), seq);
        return order != 0 ? order : Integer.compare(unit.key().chunkNo(), chunkNo);
    }
}
