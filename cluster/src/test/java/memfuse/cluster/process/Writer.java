package memfuse.cluster.process;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import memfuse.cluster.process.Client.Said;
import memfuse.cluster.process.Transcript.Round;
import org.jspecify.annotations.Nullable;

/**
 * A client that appends round after round to one session after the other, each round after the answer to the one
 * before, and writes down what became of it.
 *
 * <p>About half of its rounds have ids of its own: those it repeats until they are acknowledged, after the server was
 * away as well, and sometimes once more. Rounds without ids it repeats only where the server said that it stored
 * nothing. Used by one thread at a time.
 */
final class Writer {
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final int REPEATED_ANYWAY_ONE_IN = 10;
    private static final int LONG_ONE_IN = 40;

    private final String name;
    private final SessionGroup sessions;
    private final int messagesPerSession;
    private final Random random;
    private final Prose prose;
    private final List<Transcript> transcripts = new ArrayList<>();
    private @Nullable Round pending;
    private int messages;
    private final List<Duration> refusals = new CopyOnWriteArrayList<>();
    private Duration slowest = Duration.ZERO;
    private boolean unavailable;

    Writer(String name, SessionGroup sessions, int messagesPerSession, Random random) {
        this.name = name;
        this.sessions = sessions;
        this.messagesPerSession = messagesPerSession;
        this.random = random;
        this.prose = new Prose(random);
    }

    List<Transcript> transcripts() {
        return transcripts;
    }

    /** The longest wait for an acknowledgement. */
    Duration slowest() {
        return slowest;
    }

    /** Whether the last round was answered 503; a client with several servers asks another one then. */
    boolean isUnavailable() {
        return unavailable;
    }

    /** How long each refusal took. */
    List<Duration> refusals() {
        return refusals;
    }

    /** Whether a session has got all it is to get, and the next one has not begun. */
    boolean hasFilledASession() {
        return pending == null && !transcripts.isEmpty() && isFull(transcripts.get(transcripts.size() - 1));
    }

    private boolean isFull(Transcript transcript) {
        return transcript.messageCount() >= messagesPerSession;
    }

    /**
     * Writes for as long as it is to.
     *
     * @throws IOException the server gave no answer
     */
    void run(Client client, BooleanSupplier goOn, Runnable onAcknowledged) throws IOException {
        if (pending != null && !hasIds(pending)) {
            pending = null;
        }
        unavailable = false;
        while (goOn.getAsBoolean()) {
            Optional<Transcript> transcript = current(client);
            if (transcript.isPresent()) {
                write(client, transcript.get(), onAcknowledged);
            } else {
                Await.pass(PAUSE);
            }
        }
    }

    private void write(Client client, Transcript transcript, Runnable onAcknowledged) throws IOException {
        Round round = pending == null ? transcript.sending(newMessages(transcript)) : pending;
        pending = round;
        round.sent();
        Answer answer = client.append(transcript.sessionId(), round.messages());
        if (answer.created()) {
            slowest = slowest.compareTo(answer.took()) > 0 ? slowest : answer.took();
            round.acknowledged(answer);
            pending = null;
            onAcknowledged.run();
            if (hasIds(round) && random.nextInt(REPEATED_ANYWAY_ONE_IN) == 0) {
                repeat(client, transcript, round);
            }
        } else if (answer.refusedForNow()) {
            refusals.add(answer.took());
            unavailable = answer.status() == 503;
            if (answer.status() == 429) {
                round.refused();
            } else if (!hasIds(round)) {
                pending = null;
            }
            Await.pass(PAUSE);
        } else {
            throw new AssertionError("an append was answered " + answer.status() + ": " + answer.body());
        }
    }

    /** A client that did not trust the answer: it is told the same again, and nothing is stored twice. */
    private static void repeat(Client client, Transcript transcript, Round round) throws IOException {
        Answer again = client.append(transcript.sessionId(), round.messages());
        if (again.created() && !again.data().path("message_ids").equals(round.idsAsAnswered())) {
            throw new AssertionError("a repeated round was answered otherwise: " + again.body());
        }
        if (!again.created() && !again.refusedForNow()) {
            throw new AssertionError("a repeated round was answered " + again.status() + ": " + again.body());
        }
    }

    private Optional<Transcript> current(Client client) throws IOException {
        int number = transcripts.size();
        if (number > 0) {
            Transcript last = transcripts.get(number - 1);
            if (pending != null || !isFull(last)) {
                return Optional.of(last);
            }
        }
        Optional<Transcript> next = sessions.sessionId(client, number)
                .map(id -> new Transcript(sessions.userId(), id, name + "s" + number));
        next.ifPresent(transcripts::add);
        return next;
    }

    private List<Said> newMessages(Transcript transcript) {
        boolean withIds = random.nextBoolean();
        List<Said> round = new ArrayList<>();
        int size = 1 + random.nextInt(3);
        for (int i = 0; i < size; i++) {
            int number = messages++;
            String text = random.nextInt(LONG_ONE_IN) == 0 ? prose.story(100) : prose.sentence();
            String content = transcript.mark() + " " + name + "n" + number + " " + text;
            round.add(new Said(withIds ? name + "-" + number : null, content));
        }
        return round;
    }

    private static boolean hasIds(Round round) {
        return round.messages().get(0).id() != null;
    }
}
