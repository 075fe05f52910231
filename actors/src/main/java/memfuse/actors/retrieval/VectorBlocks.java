package memfuse.actors.retrieval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import memfuse.actors.embedding.Vectors;

/**
 * Vectors by slot, contiguous in blocks, so that a scan runs through memory and growth copies little.
 *
 * <p>The first block grows by doubling, so that a user with a few messages pays for a few vectors. From a number of slots
 * on, blocks are made {@linkplain CompactVectors compact}, one with each vector that comes, so that no addition takes
 * long; all but the last end up so.
 */
final class VectorBlocks {
    static final int BLOCK_SLOTS = 256;

    private static final int FIRST_SLOTS = 4;

    private final int dimensions;
    private final int compactFrom;

    /** The first blocks. */
    private final List<CompactVectors> compact = new ArrayList<>();

    /** The blocks after them. */
    private final List<float[]> blocks = new ArrayList<>();

    private final BitSet present = new BitSet();

    /** @param compactFrom slots from which on vectors are kept with eight bits a number */
    VectorBlocks(int dimensions, int compactFrom) {
        this.dimensions = dimensions;
        this.compactFrom = compactFrom;
    }

    void set(int slot, float[] vector) {
        if (vector.length != dimensions) {
            throw new IllegalArgumentException(
                    "a vector of another model: dimensions=" + dimensions + ", length=" + vector.length);
        }
        if (isCompact(slot)) {
            compact.get(slot / BLOCK_SLOTS).set(slot % BLOCK_SLOTS, vector, 0);
        } else {
            System.arraycopy(vector, 0, blockFor(slot), slot % BLOCK_SLOTS * dimensions, dimensions);
        }
        present.set(slot);
        if (present.length() > compactFrom && blocks.size() > 1) {
            compactOne();
        }
    }

    private void compactOne() {
        float[] block = blocks.remove(0);
        int first = compact.size() * BLOCK_SLOTS;
        CompactVectors made = new CompactVectors(BLOCK_SLOTS, dimensions);
        compact.add(made);
        for (int i = 0; i < BLOCK_SLOTS; i++) {
            if (present.get(first + i)) {
                made.set(i, block, i * dimensions);
            }
        }
    }

    /** Whether the slot's vector is kept, or would be, with eight bits a number. */
    boolean isCompact(int slot) {
        return slot / BLOCK_SLOTS < compact.size();
    }

    /** Whether any vector is kept so. */
    boolean isAnyCompact() {
        return !compact.isEmpty();
    }

    void clear(int slot) {
        if (present.get(slot)) {
            present.clear(slot);
            if (isCompact(slot)) {
                compact.get(slot / BLOCK_SLOTS).clear(slot % BLOCK_SLOTS);
            } else {
                int offset = slot % BLOCK_SLOTS * dimensions;
                Arrays.fill(block(slot), offset, offset + dimensions, 0f);
            }
        }
    }

    /** Puts the vector of one slot, or that it has none, into a slot before it. */
    void move(int slot, int target) {
        if (slot == target) {
            return;
        }
        if (present.get(slot)) {
            if (isCompact(slot)) { // and so is what stands before it
                compact.get(slot / BLOCK_SLOTS)
                        .copy(slot % BLOCK_SLOTS, compact.get(target / BLOCK_SLOTS), target % BLOCK_SLOTS);
            } else if (isCompact(target)) {
                compact.get(target / BLOCK_SLOTS)
                        .set(target % BLOCK_SLOTS, block(slot), slot % BLOCK_SLOTS * dimensions);
            } else {
                System.arraycopy(
                        block(slot),
                        slot % BLOCK_SLOTS * dimensions,
                        blockFor(target),
                        target % BLOCK_SLOTS * dimensions,
                        dimensions);
            }
        }
        present.set(target, present.get(slot));
    }

    /** Forgets all vectors from this slot on. */
    void truncate(int slots) {
        int last = Math.max(slots, present.length());
        for (int slot = slots; slot < last; slot++) {
            clear(slot);
        }
        int needed = (slots + BLOCK_SLOTS - 1) / BLOCK_SLOTS;
        while (compact.size() + blocks.size() > needed) {
            if (blocks.isEmpty()) {
                compact.remove(compact.size() - 1);
            } else {
                blocks.remove(blocks.size() - 1);
            }
        }
    }

    boolean has(int slot) {
        return present.get(slot);
    }

    /** The product of a query and a slot's vector, as exact as it is kept. */
    float dot(float[] query, CompactVectors.Query compactQuery, int slot) {
        return isCompact(slot)
                ? compact.get(slot / BLOCK_SLOTS).product(compactQuery, slot % BLOCK_SLOTS)
                : Vectors.dot(query, block(slot), slot % BLOCK_SLOTS * dimensions);
    }

    /**
     * Puts the products of a query and the vectors of some slots into theirs; only about where vectors are kept compact.
     */
    void estimate(float[] query, CompactVectors.Query compactQuery, boolean[] slots, float[] products) {
        for (int first = 0; first < slots.length; first += BLOCK_SLOTS) {
            int end = Math.min(slots.length, first + BLOCK_SLOTS);
            if (isCompact(first)) {
                CompactVectors block = compact.get(first / BLOCK_SLOTS);
                for (int slot = first; slot < end; slot++) {
                    if (slots[slot] && present.get(slot)) {
                        products[slot] = block.estimate(compactQuery, slot - first);
                    }
                }
            } else if (first / BLOCK_SLOTS < compact.size() + blocks.size()) {
                float[] block = block(first);
                for (int slot = first; slot < end; slot++) {
                    if (slots[slot] && present.get(slot)) {
                        products[slot] = Vectors.dot(query, block, (slot - first) * dimensions);
                    }
                }
            }
        }
    }

    long heapBytes() {
        long bytes = 0;
        for (CompactVectors block : compact) {
            bytes += block.heapBytes();
        }
        for (float[] block : blocks) {
            bytes += 16 + (long) Float.BYTES * block.length;
        }
        return bytes;
    }

    private float[] block(int slot) {
        return blocks.get(slot / BLOCK_SLOTS - compact.size());
    }

    private float[] blockFor(int slot) {
        int number = slot / BLOCK_SLOTS - compact.size();
        while (blocks.size() <= number) {
            boolean first = blocks.isEmpty() && compact.isEmpty() && number == 0;
            blocks.add(new float[(first ? FIRST_SLOTS : BLOCK_SLOTS) * dimensions]);
        }
        float[] block = blocks.get(number);
        int needed = (slot % BLOCK_SLOTS + 1) * dimensions;
        if (block.length < needed) {
            int slots = FIRST_SLOTS;
            while (slots * dimensions < needed) {
                slots *= 2;
            }
            block = Arrays.copyOf(block, slots * dimensions);
            blocks.set(number, block);
        }
        return block;
    }
}
