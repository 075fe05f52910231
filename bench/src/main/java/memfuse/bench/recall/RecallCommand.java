package memfuse.bench.recall;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import memfuse.bench.load.Commands;
import memfuse.bench.load.LoadRun;
import memfuse.bench.load.RunOptions;
import memfuse.bench.load.Statistics;
import memfuse.bench.recall.Conversation.Question;
import memfuse.bench.report.Report;
import memfuse.bench.report.Target;
import memfuse.bench.server.MemFuseServer;
import memfuse.bench.wire.ApiClient;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How much of what answers a question does the server find?
 *
 * <p>{@code java -jar bench/target/memfuse-bench.jar recall FILE}
 *
 * <p>Each conversation of the file (see {@link ConversationFile}) becomes a user, told over HTTP turn by turn; when all is
 * in M1, each question is a query. Beside the server's own ranking stand the parts it is made of, by {@code store_type},
 * and the two of them fused by {@link ReciprocalRanks}.
 */
@Command(name = "recall", description = "How much of what answers a question does the server find?")
public final class RecallCommand implements Callable<Integer> {
    private static final String SERVER = "MemFuse";
    private static final String DENSE = "vectors alone (dense)";
    private static final String WORDS = "words alone (BM25)";
    private static final String FUSED = "RRF of both";

    /** What the server's ranking has to reach, in percent of the evidence. */
    private static final List<Goal> GOALS = List.of(
            new Goal(QuestionGroup.ALL, 5, 74),
            new Goal(QuestionGroup.ALL, 10, 82),
            new Goal(QuestionGroup.ALL, 25, 88.5),
            new Goal(QuestionGroup.ALL, 50, 92),
            new Goal(QuestionGroup.WITHOUT_ADVERSARIAL, 5, 72),
            new Goal(QuestionGroup.MULTI_HOP, 5, 40));

    /** How long nothing may become embedded until the run is given up. */
    private static final Duration STANDSTILL_LIMIT = Duration.ofMinutes(5);

    private static final int POLL_MILLIS = 500;

    @Mixin
    private RunOptions options = new RunOptions();

    @Mixin
    private RecallInput input = new RecallInput();

    @Option(names = "--plot", paramLabel = "FILE", description = "Draws the result into this file, as SVG.")
    private @Nullable Path plot;

    @Spec
    private @Nullable CommandSpec spec;

    private final Map<String, EvidenceRecall> rankings = new LinkedHashMap<>();
    private final Map<String, EvidenceRecall> byConversation = new LinkedHashMap<>();
    private final Histogram latencyMicros = new Histogram(3);
    private int byWordsAlone;

    private record Goal(QuestionGroup group, int k, double percent) {}

    @Override
    public Integer call() throws Exception {
        List<Conversation> conversations = input.conversations();
        try (LoadRun run = new LoadRun(options, "Recall through the server", Commands.line(spec))) {
            run.report().from("model", input.model());
            try (MemFuseServer server = run.startServer("data", Map.of("memfuse.embedding.model", input.model()));
                    ApiClient api = ApiClient.open(server.address())) {
                run.database(server).close();
                long start = System.nanoTime();
                List<ServedConversation> served = write(run, api, conversations);
                awaitEmbedded(run, served);
                run.report().figure("from the first turn to all in M1", (System.nanoTime() - start) / 1e9, "s");
                ask(run, served);
            }
            state(run.report(), conversations);
            if (plot != null) {
                Files.writeString(plot, RecallPlot.svg("Recall through the server, " + input.model(), rankings));
            }
            return run.finish();
        }
    }

    private static List<ServedConversation> write(LoadRun run, ApiClient api, List<Conversation> conversations)
            throws IOException {
        String agentId = api.createAgent("recall");
        List<ServedConversation> served = new ArrayList<>();
        for (Conversation conversation : conversations) {
            String userName = (served.size() + 1) + " " + conversation.id();
            served.add(ServedConversation.write(api, agentId, userName, conversation));
            run.say("written %d of %d conversations (%s: %d turns)"
                    .formatted(
                            served.size(),
                            conversations.size(),
                            conversation.id(),
                            conversation.turns().size()));
        }
        api.flush();
        return served;
    }

    private static void awaitEmbedded(LoadRun run, List<ServedConversation> served)
            throws IOException, InterruptedException {
        long least = Long.MAX_VALUE;
        long lastProgress = System.nanoTime();
        while (least > 0) {
            long pending = 0;
            for (ServedConversation conversation : served) {
                pending += conversation.pending();
            }
            if (pending < least) {
                least = pending;
                lastProgress = System.nanoTime();
                run.say(pending + " turns wait for their embeddings");
            } else if (System.nanoTime() - lastProgress > STANDSTILL_LIMIT.toNanos()) {
                throw new IOException("no turn became embedded for " + STANDSTILL_LIMIT + ", and " + least + " wait");
            }
            if (pending > 0) {
                Thread.sleep(POLL_MILLIS);
            }
        }
    }

    private void ask(LoadRun run, List<ServedConversation> served) throws IOException {
        for (String name : List.of(SERVER, DENSE, WORDS, FUSED)) {
            rankings.put(name, new EvidenceRecall());
        }
        int number = 0;
        for (ServedConversation conversation : served) {
            number++;
            List<Question> questions = conversation.conversation().questions();
            run.say("asking %d questions about conversation %d of %d"
                    .formatted(questions.size(), number, served.size()));
            EvidenceRecall found = new EvidenceRecall();
            for (Question question : questions) {
                ServedConversation.Answer answer = conversation.ask(question);
                latencyMicros.recordValue(answer.nanos() / 1000);
                byWordsAlone += answer.byMeaning() ? 0 : 1;
                List<String> dense = conversation.ask(question, "vector").turns();
                List<String> words = conversation.ask(question, "keyword").turns();
                found.add(question, answer.turns());
                count(SERVER, question, answer.turns());
                count(DENSE, question, dense);
                count(WORDS, question, words);
                count(FUSED, question, ReciprocalRanks.fuse(List.of(dense, words)));
            }
            byConversation.put(number + " " + conversation.conversation().id(), found);
        }
    }

    private void count(String ranking, Question question, List<String> turns) {
        Objects.requireNonNull(rankings.get(ranking)).add(question, turns);
    }

    private void state(Report report, List<Conversation> conversations) {
        EvidenceRecall found = Objects.requireNonNull(rankings.get(SERVER));
        for (Goal goal : GOALS) {
            if (found.questions(goal.group()) > 0) {
                String name = goal.group().title() + ": R@" + goal.k();
                report.figure(name, found.recall(goal.group(), goal.k()), "%", Target.atLeast(goal.percent()));
            }
        }
        report.figure("questions", found.questions(QuestionGroup.ALL), "")
                .figure("answered by words alone", byWordsAlone, "")
                .figure(
                        "turns",
                        conversations.stream()
                                .mapToInt(all -> all.turns().size())
                                .sum(),
                        "")
                .figure(
                        "pieces of evidence that name no turn, and count as not found",
                        (double) conversations.stream()
                                .mapToLong(Conversation::unknownEvidence)
                                .sum(),
                        "")
                .figure(
                        "a query over HTTP, its embedding included, median",
                        Statistics.millis(latencyMicros, 50),
                        "ms");
        RecallTables.byGroup(rankings).forEach(report::table);
        report.table(RecallTables.byConversation(byConversation));
    }
}
