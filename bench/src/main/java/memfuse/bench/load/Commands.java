package memfuse.bench.load;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** The commands of this package. */
public final class Commands {
    private Commands() {}

    /** One object for each. */
    public static List<Object> all() {
        return List.of(
                new AppendCommand(),
                new AppendEmbeddingCommand(),
                new BareEmbeddingCommand(),
                new ChurnCommand(),
                new IdleCommand(),
                new LatencyCommand(),
                new OverloadCommand(),
                new QueryEmbeddingCommand(),
                new StartCommand(),
                new VisibleCommand());
    }

    /** The line a command was called by, as it has to be typed to run it again. */
    public static String line(@Nullable CommandSpec spec) {
        if (spec == null) {
            throw new IllegalStateException("a command runs on a command line");
        }
        String options = String.join(" ", spec.commandLine().getParseResult().originalArgs());
        return ("`java -jar bench/target/memfuse-bench.jar " + options).strip() + "`";
    }
}
