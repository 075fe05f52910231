package memfuse.bench.recall;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import memfuse.bench.recall.Conversation.Category;
import memfuse.bench.recall.Conversation.Question;

/** Two short conversations in a file, and questions of one's own. */
final class Samples {
    private Samples() {}

    static Path file() {
        try {
            return Path.of(Objects.requireNonNull(Samples.class.getResource("conversations.json"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static Question question(Category category, String... evidence) {
        return new Question("?", category, Set.of(evidence));
    }

    /** One single-hop question whose evidence was found at that rank. */
    static EvidenceRecall foundAt(int rank) {
        List<String> ranking = IntStream.rangeClosed(1, rank)
                .mapToObj(i -> i == rank ? "evidence" : "other " + i)
                .toList();
        EvidenceRecall recall = new EvidenceRecall();
        recall.add(question(Category.SINGLE_HOP, "evidence"), ranking);
        return recall;
    }
}
