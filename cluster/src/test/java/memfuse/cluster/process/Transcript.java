package memfuse.cluster.process;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import memfuse.cluster.process.Client.Said;
import memfuse.cluster.process.Client.Shown;

/**
 * What one writer sent to one session, in order, and how each round was answered; compared with what the server shows.
 *
 * <p>Every content begins with the transcript's mark and is unique. Used by one thread at a time.
 */
final class Transcript {
    private final String userId;
    private final String sessionId;
    private final String mark;
    private final List<Round> rounds = new ArrayList<>();

    /** Contents that comparisons pass over. */
    private final Set<String> passedOver = new HashSet<>();

    Transcript(String userId, String sessionId, String mark) {
        this.userId = userId;
        this.sessionId = sessionId;
        this.mark = mark;
    }

    private enum Outcome {
        /** Answered 201: stored, once. */
        ACKNOWLEDGED,
        /** Answered 429: not stored. */
        REFUSED,
        /** Answered 503, or not at all: stored once or not at all. */
        UNKNOWN
    }

    /** The messages of one POST; all of them are stored or none. */
    static final class Round {
        private final List<Said> messages;
        private Outcome outcome = Outcome.UNKNOWN;
        private JsonNode ids = MissingNode.getInstance();
        private long sentNanos;
        private long answeredNanos;
        private boolean everSent;

        private Round(List<Said> messages) {
            this.messages = messages;
        }

        List<Said> messages() {
            return messages;
        }

        /** The ids in the answer, as they stood there. */
        JsonNode idsAsAnswered() {
            return ids;
        }

        /** Sent, maybe not for the first time; nothing is known of it until it is answered. */
        void sent() {
            if (!everSent) {
                everSent = true;
                sentNanos = System.nanoTime();
            }
            outcome = Outcome.UNKNOWN;
        }

        /** When it was sent for the first time. */
        long sentNanos() {
            return sentNanos;
        }

        /** When it was acknowledged. */
        long answeredNanos() {
            return answeredNanos;
        }

        void acknowledged(Answer answer) {
            answeredNanos = System.nanoTime();
            ids = answer.data().path("message_ids");
            outcome = Outcome.ACKNOWLEDGED;
        }

        void refused() {
            outcome = Outcome.REFUSED;
        }

        boolean isAcknowledged() {
            return outcome == Outcome.ACKNOWLEDGED;
        }

        private boolean isAt(List<Shown> shown, int position) {
            if (position + messages.size() > shown.size()) {
                return false;
            }
            for (int i = 0; i < messages.size(); i++) {
                Shown here = shown.get(position + i);
                boolean sameId = outcome != Outcome.ACKNOWLEDGED
                        || here.id().equals(ids.path(i).asText());
                if (!sameId || !here.content().equals(messages.get(i).content())) {
                    return false;
                }
            }
            return true;
        }
    }

    String userId() {
        return userId;
    }

    String sessionId() {
        return sessionId;
    }

    String mark() {
        return mark;
    }

    /** The round is about to be sent. */
    Round sending(List<Said> messages) {
        Round round = new Round(List.copyOf(messages));
        rounds.add(round);
        return round;
    }

    List<Round> rounds() {
        return rounds;
    }

    int messageCount() {
        return rounds.stream().mapToInt(round -> round.messages.size()).sum();
    }

    /** The same without the rounds that got no answer, wherever those are: how what was answered stands to each other. */
    Transcript answered() {
        Transcript answered = new Transcript(userId, sessionId, mark);
        for (Round round : rounds) {
            if (round.outcome == Outcome.UNKNOWN) {
                round.messages.forEach(said -> answered.passedOver.add(said.content()));
            } else {
                answered.rounds.add(round);
            }
        }
        return answered;
    }

    /** Compares with a session's whole history, in which other writers may have a part. */
    Verdict compareWith(List<Shown> history) {
        List<Shown> mine = history.stream()
                .filter(shown -> shown.content().startsWith(mark + " "))
                .filter(shown -> !passedOver.contains(shown.content()))
                .toList();
        Set<String> distinct = new HashSet<>();
        mine.forEach(shown -> distinct.add(shown.content()));
        Verdict verdict = new Verdict(0, 0, mine.size() - distinct.size(), 0, 0);
        int position = 0;
        for (Round round : rounds) {
            boolean inPlace = round.isAt(mine, position);
            long present = round.messages.stream()
                    .filter(said -> distinct.contains(said.content()))
                    .count();
            verdict = verdict.plus(verdictOn(round, inPlace, (int) present));
            position += inPlace ? round.messages.size() : 0;
        }
        return verdict.plus(new Verdict(0, 0, 0, mine.size() - position, 0));
    }

    private static Verdict verdictOn(Round round, boolean inPlace, int present) {
        int size = round.messages.size();
        return switch (round.outcome) {
            case ACKNOWLEDGED -> new Verdict(size, size - present, 0, 0, 0);
            case REFUSED -> new Verdict(0, 0, 0, present, 0);
            case UNKNOWN -> new Verdict(0, 0, 0, 0, inPlace ? size : 0);
        };
    }
}
