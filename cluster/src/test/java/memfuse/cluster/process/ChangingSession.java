package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import memfuse.cluster.process.Client.Said;
import memfuse.cluster.process.Client.Shown;

/**
 * A session to which messages are added, in which they are changed and from which they are taken, one request after the
 * other; with what it must show. At most the last request is unanswered: then the session shows one of two things.
 */
final class ChangingSession {
    private static final int MOST_MESSAGES = 60;
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final String name;
    private final String sessionId;
    private final Random random;
    private final Prose prose;
    private List<Shown> certain = List.of();
    private List<Shown> possible = List.of();
    private int count;

    ChangingSession(String name, String sessionId, Random random) {
        this.name = name;
        this.sessionId = sessionId;
        this.random = random;
        this.prose = new Prose(random);
    }

    /** Sends requests for as long as it is to. */
    void change(Client client, BooleanSupplier goOn, Runnable onAcknowledged) throws IOException {
        while (goOn.getAsBoolean()) {
            int kind = random.nextInt(certain.size() > MOST_MESSAGES ? 2 : 5);
            Answer answer = kind == 0 && !certain.isEmpty()
                    ? delete(client)
                    : kind == 1 && !certain.isEmpty() ? update(client) : append(client);
            if (answer.refusedForNow()) {
                assertThat(answer.status()).as("%s", answer.body()).isEqualTo(429);
                possible = certain;
                Await.pass(PAUSE);
            } else {
                assertThat(answer.status()).as("%s", answer.body()).isIn(200, 201);
                certain = possible;
                onAcknowledged.run();
            }
        }
    }

    private Answer append(Client client) throws IOException {
        List<Shown> after = new ArrayList<>(certain);
        List<Said> round = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            Shown added = new Shown(name + "-" + count, content());
            after.add(added);
            round.add(new Said(added.id(), added.content()));
        }
        possible = after;
        return client.append(sessionId, round);
    }

    private Answer update(Client client) throws IOException {
        List<Shown> after = new ArrayList<>(certain);
        List<Object> ids = new ArrayList<>();
        List<Object> replacements = new ArrayList<>();
        for (int place : somePlaces()) {
            Shown changed = new Shown(certain.get(place).id(), content());
            after.set(place, changed);
            ids.add(changed.id());
            replacements.add(Map.of("role", "user", "content", changed.content()));
        }
        possible = after;
        return client.put(Client.messages(sessionId), Map.of("message_ids", ids, "new_messages", replacements));
    }

    private Answer delete(Client client) throws IOException {
        List<Shown> gone = new ArrayList<>();
        somePlaces().forEach(place -> gone.add(certain.get(place)));
        List<Shown> after = new ArrayList<>(certain);
        after.removeAll(gone);
        possible = after;
        return client.delete(
                Client.messages(sessionId),
                Map.of("message_ids", gone.stream().map(Shown::id).toList()));
    }

    /** One to three places in the session, old and new ones alike. */
    private List<Integer> somePlaces() {
        return random.ints(1 + random.nextInt(3), 0, certain.size())
                .distinct()
                .boxed()
                .toList();
    }

    private String content() {
        return name + "n" + count++ + " " + prose.sentence();
    }

    /** Fails unless the session shows what was acknowledged, with or without the request that was not answered. */
    void check(Client client) throws IOException {
        List<Shown> shown = client.history(sessionId);
        assertThat(shown).as("session %s", name).isIn(certain, possible);
        certain = shown;
        possible = shown;
    }

    /** What the session must show now. */
    List<Shown> expected() {
        return certain;
    }

    String sessionId() {
        return sessionId;
    }
}
