package memfuse.bench.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import memfuse.bench.report.Report;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a report goes: to people on the standard output, to programs into a file. */
public final class ReportOutput {
    private static final int MISSED = 1;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Appends the result to this file, as one line of JSON.")
    private @Nullable Path json;

    /** Writes it; the exit status says whether all targets are reached. */
    public int write(Report report) throws IOException {
        System.out.println(report.markdown());
        if (json != null) {
            Files.writeString(
                    json,
                    report.json() + "\n",
                    StandardCharsets.UTF_8,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        }
        return report.isGood() ? 0 : MISSED;
    }
}
