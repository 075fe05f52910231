package memfuse.bench.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads the answers of one connection: takes bytes as they come, and knows when an answer is whole. Understands answers
 * of HTTP/1.1 with a Content-Length, the only ones the server gives. Not for several threads.
 */
public final class ResponseReader {
    private static final int STATUS_AT = "HTTP/1.1 ".length();
    private static final int INCOMPLETE = -1;
    private static final byte[] LENGTH = "content-length:".getBytes(StandardCharsets.US_ASCII);

    private byte[] bytes = new byte[4096];
    private int size;
    private int bodyAt = INCOMPLETE;
    private int end = INCOMPLETE;

    /** Begins the next answer. */
    public void clear() {
        size = 0;
        bodyAt = INCOMPLETE;
        end = INCOMPLETE;
    }

    /** Takes what was read; true when the answer is whole. */
    public boolean take(ByteBuffer read) {
        int more = read.remaining();
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
        }
        read.get(bytes, size, more);
        size += more;
        if (bodyAt == INCOMPLETE) {
            findBody();
        }
        return end != INCOMPLETE && size >= end;
    }

    /** Of a whole answer. */
    public int status() {
        return 100 * digit(STATUS_AT) + 10 * digit(STATUS_AT + 1) + digit(STATUS_AT + 2);
    }

    /** Of a whole answer; a copy. */
    public byte[] body() {
        return Arrays.copyOfRange(bytes, bodyAt, end);
    }

    private void findBody() {
        for (int i = 3; i < size; i++) {
            if (bytes[i] == '\n' && bytes[i - 1] == '\r' && bytes[i - 2] == '\n') {
                bodyAt = i + 1;
                end = bodyAt + contentLength();
                return;
            }
        }
    }

    private int contentLength() {
        for (int line = STATUS_AT; line < bodyAt; line++) {
            if (bytes[line - 1] == '\n' && isLengthAt(line)) {
                int length = 0;
                for (int i = line + LENGTH.length; bytes[i] != '\r'; i++) {
                    if (bytes[i] != ' ') {
                        length = 10 * length + digit(i);
                    }
                }
                return length;
            }
        }
        if (status() == 204) {
            return 0;
        }
        throw new IllegalStateException("an answer without Content-Length, status=" + status());
    }

    private boolean isLengthAt(int at) {
        if (at + LENGTH.length > bodyAt) {
            return false;
        }
        for (int i = 0; i < LENGTH.length; i++) {
            if (Character.toLowerCase(bytes[at + i]) != LENGTH[i]) {
                return false;
            }
        }
        return true;
    }

    private int digit(int at) {
        return bytes[at] - '0';
    }
}
