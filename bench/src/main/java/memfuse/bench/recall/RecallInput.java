package memfuse.bench.recall;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What is measured: conversations with questions, and the model that embeds them. */
@Command
final class RecallInput {
    @Parameters(paramLabel = "FILE", description = "Conversations with questions, in the shape of LoCoMo's.")
    private Path file = Path.of("");

    @Option(
            names = "--model",
            defaultValue = "all-minilm-l6-v2-q",
            description = "The embedding model (default: ${DEFAULT-VALUE}).")
    private String model = "";

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    Path file() {
        return file;
    }

    String model() {
        return model;
    }

    /** The file's conversations; what is amiss with it is told as a fault of the command line. */
    List<Conversation> conversations() {
        try {
            return ConversationFile.read(file);
        } catch (IOException e) {
            throw new ParameterException(Objects.requireNonNull(spec).commandLine(), e.getMessage(), e);
        }
    }
}
