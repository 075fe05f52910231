package memfuse.bench.recall;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** A conversation of several sessions with questions about it. See {@link ConversationFile} for where it comes from. */
record Conversation(String id, List<Turn> turns, List<Question> questions) {
    Conversation {
        turns = List.copyOf(turns);
        questions = List.copyOf(questions);
    }

    /**
     * What someone said; the caption of a picture belongs to the text.
     *
     * @param id as the questions' evidence names it
     * @param session number of the session, from 1; turns of a session follow each other
     * @param number number in the session, from 1
     */
    record Turn(String id, int session, int number, String speaker, String text, Instant saidAt) {}

    /**
     * A question whose evidence is known.
     *
     * @param evidence ids of the turns that answer it, at least one
     */
    record Question(String text, Category category, Set<String> evidence) {}

    /** The kinds of questions, in the order of their numbers in the data, from 1. */
    enum Category {
        MULTI_HOP,
        TEMPORAL,
        OPEN_DOMAIN,
        SINGLE_HOP,
        ADVERSARIAL
    }

    /** Pieces of evidence that name no turn, so that nothing can find them. */
    long unknownEvidence() {
        Set<String> known = turns.stream().map(Turn::id).collect(Collectors.toSet());
        return questions.stream()
                .flatMap(question -> question.evidence().stream())
                .filter(id -> !known.contains(id))
                .count();
    }
}
