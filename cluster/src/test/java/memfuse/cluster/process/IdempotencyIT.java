package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import memfuse.cluster.process.Client.Said;
import memfuse.cluster.process.Client.Shown;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rounds under an {@code Idempotency-Key} are sent twice: at once, and with a kill and a restart in between. */
class IdempotencyIT {
    private static final int PAIRS = 20;
    private static final int KILLS = 2;
    private static final Said FIRST = new Said("first", "The key is under the mat.");
    private static final Said OTHER = new Said("first", "The key is under the cat.");
    private static final long LIMIT_SECONDS = 60;

    @RegisterExtension
    final Scene scene = new Scene();

    private static List<Said> round(String name) {
        return List.of(new Said(null, name + " asks."), new Said(null, name + " is answered."));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void storesOneRoundOfTwoAndAnswersBothAlike(boolean buffered) throws Exception {
        DataDirectory data = scene.newDataDirectory();
        Launch launch = Launch.in(data.path())
                .wordsOnly()
                .withEnvironment("MEMFUSE_BUFFER_ENABLED", Boolean.toString(buffered));
        ServerProcess server = scene.start(launch);
        Client client = server.client();
        String session = client.createSession(client.createUser("user"), client.createAgent("agent"));
        client.append(session, List.of(FIRST)).expect(201);
        List<Shown> history = new ArrayList<>(List.of(new Shown("first", FIRST.content())));
        List<Answer> firsts = new ArrayList<>();

        for (int i = 0; i < PAIRS; i++) {
            String name = "Pair " + i;
            CompletableFuture<Answer> one = client.appendUnderKey(session, name, round(name));
            CompletableFuture<Answer> two = server.newClient().appendUnderKey(session, name, round(name));
            Answer first = answer(one).expect(201);
            assertThat(answer(two).expect(201).body()).isEqualTo(first.body());
            firsts.add(first);
            addTo(history, first, round(name));
            assertThat(client.history(session)).isEqualTo(history);
        }

        for (int kill = 0; kill < KILLS; kill++) {
            String name = "Kill " + kill;
            List<CompletableFuture<Answer>> both = List.of(
                    server.client().appendUnderKey(session, name, round(name)),
                    server.newClient().appendUnderKey(session, name, round(name)));
            if (kill > 0) {
                CompletableFuture.anyOf(both.toArray(CompletableFuture[]::new)).get(LIMIT_SECONDS, TimeUnit.SECONDS);
            }
            server.kill9();
            server = scene.start(launch);
            Answer again = answer(server.client().appendUnderKey(session, name, round(name)))
                    .expect(201);
            for (CompletableFuture<Answer> before : both) {
                Optional<Answer> heard = heard(before);
                assertThat(heard.isPresent() ? heard.get().expect(201).body() : again.body())
                        .isEqualTo(again.body());
            }
            firsts.add(again);
            addTo(history, again, round(name));
            refusesTheIdWithOtherWords(server.client(), session);
            assertThat(server.client().history(session)).isEqualTo(history);
        }

        server.client().flush();
        refusesTheIdWithOtherWords(server.client(), session);
        for (int i = 0; i < firsts.size(); i++) {
            String name = i < PAIRS ? "Pair " + i : "Kill " + (i - PAIRS);
            assertThat(answer(server.client().appendUnderKey(session, name, round(name)))
                            .expect(201)
                            .body())
                    .isEqualTo(firsts.get(i).body());
            answer(server.client().appendUnderKey(session, name, round("Somebody else")))
                    .expect(409);
        }
        assertThat(server.client().history(session)).isEqualTo(history);
    }

    private static void refusesTheIdWithOtherWords(Client client, String session) throws IOException {
        client.append(session, List.of(FIRST)).expect(201);
        client.append(session, List.of(new Said("new", "Half of a round."), OTHER))
                .expect(409);
    }

    private static Answer answer(CompletableFuture<Answer> answer) throws Exception {
        return answer.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    /** The answer, where the server has given one before its end. */
    private static Optional<Answer> heard(CompletableFuture<Answer> answer)
            throws InterruptedException, TimeoutException {
        try {
            return Optional.of(answer.get(LIMIT_SECONDS, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(IOException.class);
            return Optional.empty();
        }
    }

    private static void addTo(List<Shown> history, Answer answer, List<Said> round) {
        for (int i = 0; i < round.size(); i++) {
            String id = answer.data().path("message_ids").path(i).asText();
            history.add(new Shown(id, round.get(i).content()));
        }
    }
}
