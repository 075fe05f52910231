package memfuse.bench.recall;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import memfuse.actors.embedding.EmbeddingModel;
import memfuse.actors.retrieval.FactSearch;
import memfuse.actors.retrieval.FusionWeights;
import memfuse.actors.retrieval.IndexedUnit;
import memfuse.actors.retrieval.MemoryIndex;
import memfuse.actors.retrieval.SearchRequest;
import memfuse.actors.retrieval.UnitSource;
import memfuse.bench.recall.Conversation.Question;
import memfuse.bench.recall.Conversation.Turn;
import memfuse.protocol.memory.Role;
import memfuse.protocol.memory.UnitKey;

/**
 * A conversation with the vectors of its turns and questions, each embedded by itself, and its facts: to be searched in the
 * index alone, under any weights.
 */
final class EmbeddedConversation {
    private final List<Question> questions;
    private final FactSearch facts;
    private final List<IndexedUnit> units = new ArrayList<>();
    private final List<float[]> turnVectors = new ArrayList<>();
    private final List<float[]> questionVectors = new ArrayList<>();

    /** @param tokens counts a text's tokens */
    EmbeddedConversation(Conversation conversation, EmbeddingModel model, ToIntFunction<String> tokens) {
        questions = conversation.questions();
        facts = ConversationFacts.of(conversation);
        for (Turn turn : conversation.turns()) {
            IndexedUnit unit = unit(turn, tokens.applyAsInt(turn.text()));
            units.add(unit);
            turnVectors.add(model.embed(List.of(unit.embeddedText()))[0]);
        }
        for (Question question : questions) {
            questionVectors.add(model.embedQuery(question.text()));
        }
    }

    static String sessionId(Turn turn) {
        return "session-" + turn.session();
    }

    private static IndexedUnit unit(Turn turn, int tokens) {
        return new IndexedUnit(
                new UnitKey(sessionId(turn), turn.number(), 0),
                UnitSource.MESSAGE,
                turn.id(),
                Role.USER,
                turn.speaker(),
                turn.text(),
                turn.saidAt(),
                turn.saidAt(),
                tokens);
    }

    /** What a search with these weights finds. */
    EvidenceRecall recall(FusionWeights weights) {
        return recall(weights, Integer.MAX_VALUE);
    }

    /** The same in an index whose vectors are compact from so many units on. */
    EvidenceRecall recall(FusionWeights weights, int compactFrom) {
        MemoryIndex index = new MemoryIndex(turnVectors.get(0).length, weights, compactFrom);
        for (int i = 0; i < units.size(); i++) {
            index.add(units.get(i), turnVectors.get(i));
        }
        EvidenceRecall recall = new EvidenceRecall();
        for (int i = 0; i < questions.size(); i++) {
            Question question = questions.get(i);
            recall.add(
                    question,
                    index.search(request(i)).stream()
                            .map(hit -> hit.unit().messageId())
                            .toList());
        }
        return recall;
    }

    private SearchRequest request(int question) {
        String text = questions.get(question).text();
        return new SearchRequest(
                text,
                questionVectors.get(question),
                EvidenceRecall.DEPTH,
                SearchRequest.Mode.ALL,
                session -> true,
                source -> true,
                facts.evidence(text));
    }
}
