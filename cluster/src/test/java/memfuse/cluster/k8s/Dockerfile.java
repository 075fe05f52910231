package memfuse.cluster.k8s;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The lines of a Dockerfile, with continued ones joined.
 *
 * @param instructions in order, without comments
 */
record Dockerfile(List<Instruction> instructions) {
    static final Path FILE = Path.of("../k8s/Dockerfile");

    /** E.g. {@code COPY} with {@code pom.xml LICENSE ./}. */
    record Instruction(String name, String rest) {
        List<String> words() {
            return Arrays.asList(rest.split("\\s+"));
        }

        /** The words of the exec form, {@code ["java", "-jar"]}; fails for the shell form. */
        List<String> exec() throws IOException {
            return List.of(new ObjectMapper().readValue(rest, String[].class));
        }
    }

    static Dockerfile read() throws IOException {
        String joined = Files.readString(FILE).replace("\\\n", " ");
        return new Dockerfile(joined.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .map(line -> line.split("\\s+", 2))
                .map(parts -> new Instruction(parts[0], parts[1]))
                .toList());
    }

    List<Instruction> all(String name) {
        return instructions.stream()
                .filter(instruction -> instruction.name().equals(name))
                .toList();
    }

    Instruction last(String name) {
        List<Instruction> all = all(name);
        return all.get(all.size() - 1);
    }
}
