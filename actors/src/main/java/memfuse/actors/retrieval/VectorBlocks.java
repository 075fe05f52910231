package memfuse.actors.retrieval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import memfuse.actors.embedding.Vectors;

/**
 * Vectors by slot, contiguous in blocks, so that a scan runs through memory and growth copies little.
 *
 * <p>The first block grows by doubling, so that a user with a few messages pays for a few vectors.
 */
final class VectorBlocks {
    private static final int BLOCK_SLOTS = 256;
    private static final int FIRST_SLOTS = 4;

    private final int dimensions;
    private final List<float[]> blocks = new ArrayList<>();
    private final BitSet present = new BitSet();

    VectorBlocks(int dimensions) {
        this.dimensions = dimensions;
    }

    void set(int slot, float[] vector) {
        if (vector.length != dimensions) {
            throw new IllegalArgumentException(
                    "a vector of another model: dimensions=" + dimensions + ", length=" + vector.length);
        }
        System.arraycopy(vector, 0, blockFor(slot), slot % BLOCK_SLOTS * dimensions, dimensions);
        present.set(slot);
    }

    void clear(int slot) {
        if (present.get(slot)) {
            present.clear(slot);
            int offset = slot % BLOCK_SLOTS * dimensions;
            Arrays.fill(blocks.get(slot / BLOCK_SLOTS), offset, offset + dimensions, 0f);
        }
    }

    /** Puts the vector of one slot, or that it has none, into a slot before it. */
    void move(int slot, int target) {
        if (slot == target) {
            return;
        }
        if (present.get(slot)) {
            System.arraycopy(
                    blocks.get(slot / BLOCK_SLOTS),
                    slot % BLOCK_SLOTS * dimensions,
                    blockFor(target),
                    target % BLOCK_SLOTS * dimensions,
                    dimensions);
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
        while (blocks.size() > needed) {
            blocks.remove(blocks.size() - 1);
        }
    }

    boolean has(int slot) {
        return present.get(slot);
    }

    float dot(float[] query, int slot) {
        return Vectors.dot(query, blocks.get(slot / BLOCK_SLOTS), slot % BLOCK_SLOTS * dimensions);
    }

    float[] copy(int slot) {
        int offset = slot % BLOCK_SLOTS * dimensions;
        return Arrays.copyOfRange(blocks.get(slot / BLOCK_SLOTS), offset, offset + dimensions);
    }

    long heapBytes() {
        long bytes = 0;
        for (float[] block : blocks) {
            bytes += 16 + (long) Float.BYTES * block.length;
        }
        return bytes;
    }

    private float[] blockFor(int slot) {
        int number = slot / BLOCK_SLOTS;
        while (blocks.size() <= number) {
            int slots = blocks.size() < number || number > 0 ? BLOCK_SLOTS : FIRST_SLOTS;
            blocks.add(new float[slots * dimensions]);
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
