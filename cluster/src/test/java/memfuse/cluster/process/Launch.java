package memfuse.cluster.process;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * How a server is to be started.
 *
 * @param environment added to the environment of this process, less all names of MemFuse
 * @param prefix begins the command, where it is run by another one
 * @param arguments of the command line
 */
record Launch(Map<String, String> environment, List<String> prefix, List<String> arguments) {
    private static final String JAVA_HOME_PROPERTY = "memfuse.process.java-home";
    private static final String JAVA_OPTIONS_PROPERTY = "memfuse.process.java-options";

    Launch {
        environment = Map.copyOf(environment);
        prefix = List.copyOf(prefix);
        arguments = List.copyOf(arguments);
    }

    /**
     * On any free port and for any number of requests, with the data in a directory and the binaries of PostgreSQL where
     * all tests share them. Queries wait longer for their embedding than usual, so that they are not answered by words
     * alone where the machine is busy.
     */
    static Launch in(Path dataDirectory) {
        return new Launch(
                        Map.of(
                                "MEMFUSE_HTTP_PORT",
                                "0",
                                "MEMFUSE_RATE_LIMIT_PER_MINUTE",
                                "0",
                                "MEMFUSE_POSTGRES_BINARIES_DIR",
                                binariesDirectory().toString()),
                        List.of(),
                        List.of("--data-dir", dataDirectory.toString()))
                .with("memfuse.embedding.query-timeout", "6s");
    }

    /** Without embeddings, for tests that are not about meaning. */
    Launch wordsOnly() {
        return with("memfuse.embedding.model", "none");
    }

    Launch with(String key, String value) {
        return withArguments("--set", key + "=" + value);
    }

    Launch withArguments(String... more) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of(more));
        return new Launch(environment, prefix, all);
    }

    Launch withEnvironment(String name, String value) {
        Map<String, String> more = new TreeMap<>(environment);
        more.put(name, value);
        return new Launch(more, prefix, arguments);
    }

    /** Run by another command, which becomes it. */
    Launch by(List<String> command) {
        return new Launch(environment, command, arguments);
    }

    /** The command, on the Java of these tests unless another one is asked for. */
    List<String> command() {
        String javaHome = System.getProperty(JAVA_HOME_PROPERTY, "");
        Path home = Path.of(javaHome.isEmpty() ? System.getProperty("java.home") : javaHome);
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(home.resolve("bin").resolve("java").toString(), "-Xmx512m"));
        Stream.of(System.getProperty(JAVA_OPTIONS_PROPERTY, "").split(" "))
                .filter(option -> !option.isEmpty())
                .forEach(command::add);
        command.addAll(List.of("-jar", jar().toString()));
        command.addAll(arguments);
        return command;
    }

    /** Where the packaged server is; beside it is room for what the tests leave. */
    static Path jar() {
        String jar = System.getProperty("memfuse.jar");
        if (jar == null) {
            throw new IllegalStateException("the system property memfuse.jar does not name the packaged server");
        }
        return Path.of(jar);
    }

    static Path binariesDirectory() {
        return jar().resolveSibling("postgres-binaries");
    }
}
