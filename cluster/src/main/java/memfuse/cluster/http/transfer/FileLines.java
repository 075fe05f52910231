package memfuse.cluster.http.transfer;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Function;
import memfuse.cluster.http.input.Decoded;
import memfuse.cluster.http.input.Fields;
import memfuse.cluster.http.input.JsonInput;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;

/** The lines of a file, each a JSON object; empty ones are passed over. */
final class FileLines {
    private static final int BUFFER_BYTES = 64 << 10;

    private final InputStream bytes;
    private final int maxLineBytes;
    private long number;

    FileLines(InputStream bytes, int maxLineBytes) {
        this.bytes = new BufferedInputStream(bytes, BUFFER_BYTES);
        this.maxLineBytes = maxLineBytes;
    }

    /** The number of the line that was read last, from 1. */
    long number() {
        return number;
    }

    /**
     * What {@code reader} makes of the next line; null at the end of the file.
     *
     * @throws InvalidFile where the line is not as it must be
     */
    <T> @Nullable T next(Function<Fields, T> reader) {
        ByteString line = nextLine();
        if (line == null) {
            return null;
        }
        Decoded<T> decoded = JsonInput.decodeLine(line, number, reader);
        if (decoded instanceof Decoded.Valid<T> valid) {
            return valid.value();
        }
        throw new InvalidFile(((Decoded.Invalid<T>) decoded).issues());
    }

    private @Nullable ByteString nextLine() {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        boolean blank = true;
        try {
            for (int next = bytes.read(); next >= 0; next = bytes.read()) {
                if (next == '\n') {
                    number++;
                    if (!blank) {
                        return ByteString.fromArrayUnsafe(line.toByteArray());
                    }
                    line.reset();
                } else {
                    blank &= next == ' ' || next == '\r' || next == '\t';
                    line.write(next);
                    if (line.size() > maxLineBytes) {
                        number++;
                        throw InvalidFile.at(number, "type", "a line should have at most " + maxLineBytes + " bytes");
                    }
                }
            }
        } catch (IOException e) {
            throw StagedBody.failed(e);
        }
        if (blank) {
            return null;
        }
        number++;
        return ByteString.fromArrayUnsafe(line.toByteArray());
    }
}
