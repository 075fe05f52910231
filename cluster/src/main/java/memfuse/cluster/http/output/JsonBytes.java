package memfuse.cluster.http.output;

import java.io.OutputStream;
import java.util.Arrays;
import org.apache.pekko.util.ByteString;

/** Bytes that are written one after the other, in blocks, so that many of them are never copied. Not thread-safe. */
final class JsonBytes extends OutputStream {
    private static final int USUAL_BYTES = 512;
    private static final int MAX_BLOCK_BYTES = 64 << 10;

    private ByteString full = ByteString.emptyByteString();
    private byte[] block = new byte[USUAL_BYTES];
    private int used;

    @Override
    public void write(int oneByte) {
        makeRoom();
        block[used++] = (byte) oneByte;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        int from = offset;
        int left = length;
        while (left > 0) {
            makeRoom();
            int now = Math.min(left, block.length - used);
            System.arraycopy(bytes, from, block, used, now);
            used += now;
            from += now;
            left -= now;
        }
    }

    private void makeRoom() {
        if (used < block.length) {
            return;
        }
        if (block.length < MAX_BLOCK_BYTES) {
            block = Arrays.copyOf(block, block.length * 2);
        } else {
            full = full.concat(ByteString.fromArrayUnsafe(block));
            block = new byte[MAX_BLOCK_BYTES];
            used = 0;
        }
    }

    /** All that was written; nothing may be written after it. */
    ByteString result() {
        return full.concat(ByteString.fromArrayUnsafe(block, 0, used));
    }
}
