package memfuse.bench.recall;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import memfuse.actors.embedding.EmbeddingModel;
import memfuse.actors.retrieval.FusionWeights;
import memfuse.actors.retrieval.IndexedUnit;
import memfuse.actors.retrieval.MemoryIndex;
import memfuse.actors.retrieval.SearchRequest;
import memfuse.actors.retrieval.UnitSource;
import memfuse.bench.recall.Conversation.Question;
import memfuse.bench.recall.Conversation.Turn;
import memfuse.protocol.memory.Role;
import memfuse.protocol.memory.UnitKey;

/** A conversation with the vectors of its turns and questions: to be searched in the index alone, under any weights. */
final class EmbeddedConversation {
    /** Texts a call to the model, of turns; a question is embedded by itself, as the server does. */
    private static final int BATCH = 8;

    private final List<Question> questions;
    private final List<IndexedUnit> units = new ArrayList<>();
    private final List<float[]> turnVectors = new ArrayList<>();
    private final List<float[]> questionVectors = new ArrayList<>();

    /** @param tokens counts a text's tokens */
    EmbeddedConversation(Conversation conversation, EmbeddingModel model, ToIntFunction<String> tokens) {
        questions = conversation.questions();
        for (Turn turn : conversation.turns()) {
            units.add(unit(turn, tokens.applyAsInt(turn.text())));
        }
        for (int first = 0; first < units.size(); first += BATCH) {
            List<String> texts = units.subList(first, Math.min(units.size(), first + BATCH)).stream()
                    .map(IndexedUnit::embeddedText)
                    .toList();
            turnVectors.addAll(List.of(model.embed(texts)));
        }
        for (Question question : questions) {
            questionVectors.add(model.embedQuery(question.text()));
        }
    }

    private static IndexedUnit unit(Turn turn, int tokens) {
        return new IndexedUnit(
                new UnitKey("session-" + turn.session(), turn.number(), 0),
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
            var request = SearchRequest.of(question.text(), questionVectors.get(i), EvidenceRecall.DEPTH);
            recall.add(
                    question,
                    index.search(request).stream()
                            .map(hit -> hit.unit().messageId())
                            .toList());
        }
        return recall;
    }
}
