package memfuse.bench.recall;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import memfuse.actors.embedding.EmbeddingModel;
import memfuse.actors.embedding.OnnxEmbeddingModel;
import memfuse.actors.embedding.OnnxModelSpec;
import memfuse.actors.embedding.TokenCounter;
import memfuse.actors.retrieval.FusionWeights;
import memfuse.bench.load.Commands;
import memfuse.bench.load.ReportOutput;
import memfuse.bench.load.RunDirectory;
import memfuse.bench.report.Machine;
import memfuse.bench.report.Report;
import memfuse.bench.report.Table;
import memfuse.cluster.settings.BuildInfo;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * How much of what answers a question does the index find by itself, and do its weights hold where they were not chosen?
 *
 * <p>{@code java -jar bench/target/memfuse-bench.jar recall-offline FILE --leave-one-out}
 *
 * <p>For work on the ranking: no server, no database, the same conversations as {@link RecallCommand}.
 */
@Command(
        name = "recall-offline",
        description = "How much does the index find by itself, and do its weights hold where they were not chosen?")
public final class RecallOfflineCommand implements Callable<Integer> {
    private static final String DEFAULTS = "the default weights";
    private static final int TELL_EVERY = 27;

    @Mixin
    private ReportOutput output = new ReportOutput();

    @Mixin
    private RecallInput input = new RecallInput();

    @Option(
            names = "--leave-one-out",
            description = "Chooses weights on all conversations but one and measures them on that one, in turns.")
    private boolean leaveOneOut;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        BuildInfo build = BuildInfo.read();
        Report report = new Report("Recall of the index alone")
                .from("command", Commands.line(spec))
                .from("build", build.version() + " " + build.commit())
                .from("machine", Machine.current().toString())
                .from("model", input.model());
        List<EmbeddedConversation> conversations = embed(input.conversations());
        if (leaveOneOut && conversations.size() < 2) {
            throw refused(input.file() + " should have at least two conversations to leave one out");
        }
        Map<String, EvidenceRecall> rankings = new LinkedHashMap<>();
        rankings.put(DEFAULTS, EvidenceRecall.of(recall(conversations, FusionWeights.DEFAULTS)));
        rankings.put(
                "with compact vectors",
                EvidenceRecall.of(conversations.stream()
                        .map(conversation -> conversation.recall(FusionWeights.DEFAULTS, 0))
                        .toList()));
        if (leaveOneOut) {
            report.table(choose(conversations, rankings));
        }
        RecallTables.byGroup(rankings).forEach(report::table);
        return output.write(report.figure("conversations", conversations.size(), ""));
    }

    private List<EmbeddedConversation> embed(List<Conversation> conversations) throws Exception {
        OnnxModelSpec known;
        try {
            known = OnnxModelSpec.named(input.model());
        } catch (IllegalArgumentException e) {
            throw refused(e.getMessage());
        }
        TokenCounter tokens = new TokenCounter();
        List<EmbeddedConversation> embedded = new ArrayList<>();
        try (RunDirectory directory = RunDirectory.create(false);
                EmbeddingModel onnx = OnnxEmbeddingModel.open(known, directory.file("native"))) {
            for (Conversation conversation : conversations) {
                System.err.println("embedding " + conversation.id());
                embedded.add(new EmbeddedConversation(conversation, onnx, tokens::count));
            }
        }
        return embedded;
    }

    private static List<EvidenceRecall> recall(List<EmbeddedConversation> conversations, FusionWeights weights) {
        return conversations.stream()
                .map(conversation -> conversation.recall(weights))
                .toList();
    }

    /** Adds what the weights reach that were chosen, and tells which these are. */
    private static Table choose(List<EmbeddedConversation> conversations, Map<String, EvidenceRecall> rankings) {
        List<WeightGrid.Choice> grid = WeightGrid.all();
        List<List<EvidenceRecall>> scores = new ArrayList<>();
        for (WeightGrid.Choice choice : grid) {
            scores.add(recall(conversations, choice.weights()));
            if (scores.size() % TELL_EVERY == 0) {
                System.err.println("tried " + scores.size() + " of " + grid.size() + " weights");
            }
        }
        LeaveOneOut result = LeaveOneOut.of(scores);
        rankings.put("chosen on the others", result.heldOut());
        rankings.put("chosen on all", EvidenceRecall.of(scores.get(result.bestOnAll())));
        Table table = Table.of("Weights chosen", "Left out", "Factors of the defaults");
        for (int i = 0; i < conversations.size(); i++) {
            table = table.with(
                    Integer.toString(i + 1), grid.get(result.chosen().get(i)).factors());
        }
        return table.with("none", grid.get(result.bestOnAll()).factors());
    }

    private ParameterException refused(@Nullable String text) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), String.valueOf(text));
    }
}
