package memfuse.bench.recall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command as it is typed, with the packaged server. */
class RecallIT {
    @TempDir
    private Path directory;

    private final StringWriter complaints = new StringWriter();

    @Test
    void asksTheServerAboutEachConversation() throws Exception {
        Path json = directory.resolve("recall.json");
        Path plot = directory.resolve("recall.svg");
        run(Samples.file().toString(), "--json", json.toString(), "--plot", plot.toString());
        JsonNode report = new ObjectMapper().readTree(Files.readString(json));
        assertThat(figure(report, "turns")).isEqualTo(13);
        assertThat(figure(report, "questions")).isEqualTo(7);
        assertThat(figure(report, "answered by words alone")).isEqualTo(0);
        assertThat(figure(report, "pieces of evidence that name no turn, and count as not found"))
                .isEqualTo(1);
        double allButThatPiece = 100 * 6.5 / 7;
        assertThat(figure(report, "all: R@50")).isCloseTo(allButThatPiece, within(0.001));
        assertThat(report.path("tables").path(0).path("rows")).hasSize(5);
        assertThat(Files.readString(plot)).contains("all, 7 questions");
    }

    @Test
    void refusesAFileThatIsNotThere() {
        int status = run(directory.resolve("none.json").toString());
        assertThat(status).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(complaints.toString()).contains("there is no file " + directory.resolve("none.json"));
    }

    private int run(String... arguments) {
        String jar = Objects.requireNonNull(System.getProperty("memfuse.jar"), "memfuse.jar");
        CommandLine line = new CommandLine(new RecallCommand()).setErr(new PrintWriter(complaints, true));
        List<String> all = new ArrayList<>(List.of("--jar", jar, "--set", "memfuse.embedding.query-timeout=6s"));
        all.addAll(List.of(arguments));
        return line.execute(all.toArray(String[]::new));
    }

    private static double figure(JsonNode report, String name) {
        for (JsonNode figure : report.path("figures")) {
            if (figure.path("name").asText().equals(name)) {
                return figure.path("value").asDouble();
            }
        }
        throw new AssertionError("no figure " + name + " in " + report);
    }
}
