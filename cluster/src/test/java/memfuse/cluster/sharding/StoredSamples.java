package memfuse.cluster.sharding;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import memfuse.persistence.store.SerializedEvent;

/**
 * The samples that versions wrote, one in a line of {@code wire/VERSION.txt}: name, serializer, manifest, bytes in Base64,
 * and what they say as JSON, for people. Lines are added and never changed.
 */
final class StoredSamples {
    private static final Path DIRECTORY = Path.of("src", "test", "resources", "wire");
    private static final String SEPARATOR = "\t";

    private StoredSamples() {}

    /** @param json the same as the bytes */
    record Stored(String version, String name, SerializedEvent bytes, String json) {
        private static Stored of(String version, String line) {
            String[] parts = line.split(SEPARATOR, -1);
            byte[] payload = Base64.getDecoder().decode(parts[3]);
            return new Stored(
                    version, parts[0], new SerializedEvent(payload, Integer.parseInt(parts[1]), parts[2]), parts[4]);
        }

        private String line() {
            return String.join(
                    SEPARATOR,
                    name,
                    Integer.toString(bytes.serializerId()),
                    bytes.manifest(),
                    Base64.getEncoder().encodeToString(bytes.payload()),
                    json);
        }

        @Override
        public String toString() {
            return version + " " + name;
        }
    }

    /** Those of all versions. */
    static List<Stored> all() {
        List<Stored> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            for (Path file : files.sorted().toList()) {
                String version = file.getFileName().toString().replace(".txt", "");
                Files.readAllLines(file).forEach(line -> all.add(Stored.of(version, line)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    /** Adds a line to those of its version. */
    static void add(Stored sample) {
        try {
            Files.createDirectories(DIRECTORY);
            Files.writeString(
                    DIRECTORY.resolve(sample.version() + ".txt"),
                    sample.line() + "\n",
                    StandardCharsets.UTF_8,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
