package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import memfuse.cluster.process.Client.Shown;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The server is asked to stop while its buffers are full, and while it is written to. */
class OrdinaryStopIT {
    private static final int SESSIONS = 20;
    private static final int ROUNDS = 7;
    private static final int WRITERS = 6;
    private static final int ACKNOWLEDGEMENTS_BEFORE_THE_STOP = 300;

    @RegisterExtension
    final Scene scene = new Scene();

    private final Seed seed = Seed.of(OrdinaryStopIT.class);

    @Test
    void bringsFullBuffersIntoTheLayersBeforeItEnds() throws Exception {
        DataDirectory data = scene.newDataDirectory();
        Launch launch = Launch.in(data.path()).wordsOnly();
        ServerProcess server = scene.start(launch);
        Client client = server.client();
        String agentId = client.createAgent("agent_default");
        List<Transcript> transcripts = new ArrayList<>();
        Prose prose = new Prose(seed.random(0));
        for (int s = 0; s < SESSIONS; s++) {
            String userId = client.createUser("user " + s);
            Transcript transcript = new Transcript(userId, client.createSession(userId, agentId), "s" + s);
            transcripts.add(transcript);
            for (int r = 0; r < ROUNDS; r++) {
                String content = "s" + s + " " + r + " " + prose.sentence();
                Transcript.Round round = transcript.sending(List.of(new Client.Said(null, content)));
                round.acknowledged(
                        client.append(transcript.sessionId(), round.messages()).expect(201));
            }
            assertThat(client.buffered(transcript.sessionId())).isNotEmpty();
        }

        assertThat(server.terminate()).isIn(0, 143);

        assertThat(server.errors()).isEmpty();
        assertThat(data.postgresRuns()).isFalse();
        Client again = scene.start(launch).client();
        for (Transcript transcript : transcripts) {
            List<Shown> history = again.history(transcript.sessionId());
            assertThat(again.buffered(transcript.sessionId())).isEmpty();
            assertThat(transcript.compareWith(history)).matches(Verdict::isFaultless);
            Shown first = history.get(0);
            assertThat(again.query(transcript.userId(), first.content(), 5)).contains(first);
        }
    }

    @Test
    void losesNothingOfWhatItIsSentWhileItStops() throws Exception {
        DataDirectory data = scene.newDataDirectory();
        Launch launch = Launch.in(data.path()).wordsOnly();
        ServerProcess server = scene.start(launch);
        Client client = server.client();
        String agentId = client.createAgent("agent_default");
        List<Writer> writers = new ArrayList<>();
        for (int w = 0; w < WRITERS; w++) {
            SessionGroup sessions = new SessionGroup(client.createUser("user " + w), agentId);
            writers.add(new Writer("w" + w, sessions, 80, seed.random(w + 1)));
        }
        AtomicInteger acknowledged = new AtomicInteger();
        CompletableFuture<Void> asked = new CompletableFuture<>();
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
        List<Future<?>> tasks = new ArrayList<>();
        for (Writer writer : writers) {
            tasks.add(threads.submit(() -> writeUntilRefused(writer, server, () -> {
                if (acknowledged.incrementAndGet() == ACKNOWLEDGEMENTS_BEFORE_THE_STOP) {
                    server.askToStop();
                    asked.complete(null);
                }
            })));
        }
        asked.get(2, TimeUnit.MINUTES);

        assertThat(server.awaitEnd()).isIn(0, 143);

        for (Future<?> task : tasks) {
            task.get(2, TimeUnit.MINUTES);
        }
        threads.shutdownNow();
        List<Transcript> transcripts =
                writers.stream().flatMap(w -> w.transcripts().stream()).toList();
        Verdict verdict = Archive.shown(scene.start(launch).client(), transcripts);
        System.out.println("OrdinaryStopIT: " + verdict);
        assertThat(verdict).matches(Verdict::isFaultless);
    }

    private static void writeUntilRefused(Writer writer, ServerProcess server, Runnable onAcknowledged) {
        try {
            writer.run(server.client(), server::isAlive, onAcknowledged);
        } catch (IOException e) {
            // The server has gone, as it was asked to.
        }
    }
}
