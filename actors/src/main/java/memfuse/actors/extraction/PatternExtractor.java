package memfuse.actors.extraction;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import memfuse.actors.extraction.DatedEvents.Event;
import memfuse.actors.extraction.Sentences.Statement;
import memfuse.actors.extraction.StatementPattern.Stated;
import memfuse.protocol.facts.ExtractedFact;
import memfuse.protocol.facts.FactExtractor;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.Role;
import org.jspecify.annotations.Nullable;

/**
 * Finds what English speakers state of themselves, by patterns alone: who and where they are, what they like, and what they
 * did or plan on a day.
 *
 * <p>It finds little, and is made to be right in that. The subject is the message's speaker; of messages without one, the
 * user's are of {@code user} and others are passed over. Days are those of UTC.
 */
public final class PatternExtractor implements FactExtractor {
    private static final String NAME = "patterns/1";

    /** Longer messages are documents rather than somebody's words. */
    private static final int MAX_CONTENT_LENGTH = 8_000;

    private static final int MAX_OBJECT_LENGTH = 200;

    private static final int MAX_FACTS_OF_MESSAGE = 12;

    private final Executor executor;

    /** @param executor for the work, which takes about a tenth of a millisecond a message */
    public PatternExtractor(Executor executor) {
        this.executor = executor;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public CompletionStage<List<ExtractedFact>> extract(List<Message> messages) {
        return CompletableFuture.supplyAsync(() -> facts(messages), executor);
    }

    private static List<ExtractedFact> facts(List<Message> messages) {
        List<ExtractedFact> facts = new ArrayList<>();
        for (Message message : messages) {
            String speaker = speaker(message);
            if (speaker != null && message.content().length() <= MAX_CONTENT_LENGTH) {
                facts.addAll(facts(message, speaker));
            }
        }
        return facts;
    }

    private static @Nullable String speaker(Message message) {
        if (message.role() == Role.SYSTEM) {
            return null;
        }
        String name = message.name();
        if (name != null && !name.isBlank()) {
            return name.strip();
        }
        return message.role() == Role.USER ? "user" : null;
    }

    private static List<ExtractedFact> facts(Message message, String speaker) {
        LocalDate said = message.createdAt().atOffset(ZoneOffset.UTC).toLocalDate();
        Map<String, ExtractedFact> bySlot = new LinkedHashMap<>();
        for (Statement statement : Sentences.statements(message.content())) {
            for (ExtractedFact fact : facts(statement, message, speaker, said)) {
                bySlot.put(fact.slot(), fact); // of what is said twice, the last counts
            }
        }
        return bySlot.values().stream().limit(MAX_FACTS_OF_MESSAGE).toList();
    }

    private static List<ExtractedFact> facts(Statement statement, Message message, String speaker, LocalDate said) {
        List<ExtractedFact> facts = new ArrayList<>();
        String sentence = shortened(statement.sentence());
        List<Long> evidence = List.of(message.seq());
        Optional<Event> event = DatedEvents.in(statement.clause(), said)
                .filter(found -> found.what().length() <= MAX_OBJECT_LENGTH);
        for (StatementPattern pattern : StatementPattern.ALL) {
            for (Stated stated : pattern.in(statement.clause())) {
                if (stated.object().length() <= MAX_OBJECT_LENGTH) {
                    facts.add(new ExtractedFact(
                            speaker,
                            stated.predicate(),
                            stated.object(),
                            sentence,
                            stated.slot(),
                            evidence,
                            since(stated, event),
                            null,
                            stated.confidence()));
                }
            }
        }
        event.ifPresent(it -> facts.add(new ExtractedFact(
                speaker,
                it.predicate(),
                it.what(),
                sentence,
                it.predicate() + " " + it.what() + " " + it.from(),
                evidence,
                startOf(it.from()),
                startOf(it.until()),
                it.confidence())));
        return facts;
    }

    /** "I moved to Lisbon in March": what there is one of at a time holds since the change of it, where that has a date. */
    private static @Nullable Instant since(Stated stated, Optional<Event> event) {
        return event.filter(it -> it.isPast() && stated.slot().equals(stated.predicate()))
                .map(it -> startOf(it.from()))
                .orElse(null);
    }

    private static Instant startOf(LocalDate day) {
        return day.atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    private static String shortened(String sentence) {
        if (sentence.length() <= ExtractedFact.MAX_TEXT_LENGTH) {
            return sentence;
        }
        int end = ExtractedFact.MAX_TEXT_LENGTH;
        return sentence.substring(0, Character.isHighSurrogate(sentence.charAt(end - 1)) ? end - 1 : end);
    }
}
