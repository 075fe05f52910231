package memfuse.bench.recall;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import memfuse.actors.extraction.PatternExtractor;
import memfuse.actors.retrieval.FactSearch;
import memfuse.bench.recall.Conversation.Turn;
import memfuse.protocol.facts.ExtractedFact;
import memfuse.protocol.facts.Fact;
import memfuse.protocol.facts.FactExtractor;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.Role;

/** The facts that the server finds in a conversation by default, as they stand at its end. */
final class ConversationFacts {
    private static final FactExtractor EXTRACTOR = new PatternExtractor(Runnable::run);

    private ConversationFacts() {}

    static FactSearch of(Conversation conversation) {
        Map<String, Fact> bySlot = new LinkedHashMap<>();
        for (Turn turn : conversation.turns()) {
            for (ExtractedFact found : extract(turn)) {
                bySlot.put(found.slotKey(), stored(found, turn));
            }
        }
        return FactSearch.of(new ArrayList<>(bySlot.values()));
    }

    private static List<ExtractedFact> extract(Turn turn) {
        Message message = new Message(
                turn.id(),
                turn.number(),
                Role.USER,
                turn.speaker(),
                turn.text(),
                turn.saidAt(),
                turn.saidAt(),
                null,
                0);
        return EXTRACTOR.extract(List.of(message)).toCompletableFuture().join();
    }

    private static Fact stored(ExtractedFact found, Turn turn) {
        Instant validFrom = Objects.requireNonNullElse(found.validFrom(), turn.saidAt());
        String sessionId = EmbeddedConversation.sessionId(turn);
        return new Fact(
                found.idIn(sessionId),
                sessionId,
                found.subject(),
                found.predicate(),
                found.object(),
                found.text(),
                List.of(new Fact.Evidence(turn.id(), turn.number())),
                turn.saidAt(),
                validFrom,
                found.validTo(),
                null,
                found.confidence(),
                EXTRACTOR.name());
    }
}
