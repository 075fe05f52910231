package memfuse.bench.load;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import memfuse.bench.server.Launch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What can be said to every run. */
public final class RunOptions {
    @Option(
            names = "--jar",
            paramLabel = "FILE",
            description = "The packaged server (default: ${DEFAULT-VALUE}).",
            defaultValue = "cluster/target/memfuse.jar")
    private Path jar = Path.of("");

    @Option(
            names = "--java-home",
            paramLabel = "DIR",
            description = "The JDK that runs the server (default: the one that runs this).",
            defaultValue = "${sys:java.home}")
    private Path javaHome = Path.of("");

    @Option(names = "--jvm", paramLabel = "ARGUMENT", description = "An argument for the server's JVM; repeatable.")
    private List<String> jvmArguments = List.of();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "A setting of the server, over those of the run; repeatable.")
    private Map<String, String> settings = new LinkedHashMap<>();

    @Option(
            names = "--server-cpus",
            paramLabel = "LIST",
            description = "Processors that the server and its PostgreSQL run on, as taskset takes them.")
    private @Nullable String serverCpus;

    @Mixin
    private ReportOutput output = new ReportOutput();

    @Option(names = "--keep", description = "Keeps the run's directory, with the server's data and log.")
    private boolean keep;

    Launch launch() {
        List<String> before = serverCpus == null ? List.of() : List.of("taskset", "-c", serverCpus);
        return new Launch(before, jar.toAbsolutePath(), javaHome, jvmArguments, settings);
    }

    ReportOutput output() {
        return output;
    }

    boolean keep() {
        return keep;
    }
}
