package memfuse.bench.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/**
 * How the packaged server is started.
 *
 * @param before the command that runs it, such as {@code taskset} with its arguments; empty: none
 * @param jar the server
 * @param javaHome the JDK that runs it
 * @param jvmArguments beside none of ours
 * @param settings over the run's own, by full key
 */
public record Launch(
        List<String> before, Path jar, Path javaHome, List<String> jvmArguments, Map<String, String> settings) {
    private static final String BUILD = "memfuse/cluster/settings/build.properties";

    public Launch {
        before = List.copyOf(before);
        jvmArguments = List.copyOf(jvmArguments);
        settings = Map.copyOf(settings);
    }

    /** Version and commit, as the build wrote them into the jar. */
    public String build() throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            ZipEntry entry = file.getEntry(BUILD);
            if (entry == null) {
                throw new IOException("not the server's jar, it has no " + BUILD + ": " + jar);
            }
            Properties build = new Properties();
            try (InputStream in = file.getInputStream(entry)) {
                build.load(in);
            }
            return build.getProperty("version") + " " + build.getProperty("commit");
        }
    }

    /** Fails early, with a text that says what to do. */
    public void requireJar() throws IOException {
        if (!Files.isRegularFile(jar)) {
            throw new IOException("there is no server at " + jar + "; build it first: mvn -B -q -DskipTests package");
        }
    }

    /** The same with more arguments for the JVM, which the others come after. */
    public Launch withJvmArguments(List<String> first) {
        return new Launch(
                before,
                jar,
                javaHome,
                Stream.concat(first.stream(), jvmArguments.stream()).toList(),
                settings);
    }

    Path tool(String name) {
        return javaHome.resolve("bin").resolve(name);
    }

    List<String> command(Path dataDirectory, Map<String, String> ofRun) {
        List<String> command = new ArrayList<>(before);
        command.add(tool("java").toString());
        command.addAll(jvmArguments);
        command.addAll(List.of("-jar", jar.toString(), "--port", "0", "--data-dir", dataDirectory.toString()));
        ofRun.forEach((key, value) -> command.addAll(List.of("--set", key + "=" + value)));
        settings.forEach((key, value) -> command.addAll(List.of("--set", key + "=" + value)));
        return command;
    }
}
