package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import memfuse.cluster.process.Client.Said;
import memfuse.cluster.process.Transcript.Round;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** More sessions write at the same moment than the journal takes at a time. */
@ExtendWith(SharedServer.class)
class ManySessionsIT {
    private static final int USERS = 30;
    private static final int SESSIONS_OF_A_USER = 100;
    private static final int ROUNDS = 3;
    private static final int REQUESTS_TO_MAKE_SESSIONS = 64;
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final Executor AFTER_A_PAUSE = CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS);

    private final Seed seed = Seed.of(ManySessionsIT.class);
    private final Prose prose = new Prose(seed.random(0));
    private final AtomicInteger refusals = new AtomicInteger();

    @Test
    void answersThreeThousandSessionsThatWriteAtOnceAndKeepsWhatItAcknowledged(SharedServer.Running server)
            throws Exception {
        Client client = server.process().newClient();
        List<Transcript> transcripts = makeSessions(client);
        long startedNanos = System.nanoTime();

        List<CompletableFuture<Void>> writing = new ArrayList<>();
        for (Transcript transcript : transcripts) {
            writing.add(write(client, transcript, 0));
        }
        CompletableFuture.allOf(writing.toArray(CompletableFuture[]::new)).get(LIMIT.toSeconds(), TimeUnit.SECONDS);

        System.out.printf(
                "ManySessionsIT: %d sessions, %d rounds in %d ms, %d refused for now%n",
                transcripts.size(),
                transcripts.size() * ROUNDS,
                Duration.ofNanos(System.nanoTime() - startedNanos).toMillis(),
                refusals.get());
        client.flush();
        assertThat(Archive.shown(client, transcripts)).isEqualTo(new Verdict(transcripts.size() * ROUNDS, 0, 0, 0, 0));
        Conversation afterwards = Conversation.start(client, seed.random(1));
        afterwards.append(10);
        afterwards.assertThatAllIsThereOnce();
    }

    private static List<Transcript> makeSessions(Client client) throws Exception {
        String group = "many" + System.nanoTime();
        String agentId = client.createAgent(group);
        List<Transcript> transcripts = new ArrayList<>();
        for (int u = 0; u < USERS; u++) {
            String userId = client.createUser(group + "u" + u);
            List<CompletableFuture<Answer>> making = new ArrayList<>();
            for (int s = 0; s < SESSIONS_OF_A_USER; s++) {
                making.add(patiently(client, Client.session(userId, agentId)));
                if (s % REQUESTS_TO_MAKE_SESSIONS == 0) {
                    making.get(s).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
                }
            }
            for (CompletableFuture<Answer> made : making) {
                Answer answer = made.get(LIMIT.toSeconds(), TimeUnit.SECONDS).expect(201);
                String id = answer.data().path("session").path("id").asText();
                transcripts.add(new Transcript(userId, id, "m" + transcripts.size()));
            }
        }
        return transcripts;
    }

    private static CompletableFuture<Answer> patiently(Client client, Map<String, String> session) {
        return client.postLater("/sessions", session)
                .thenCompose(answer -> answer.refusedForNow()
                        ? CompletableFuture.runAsync(() -> {}, AFTER_A_PAUSE)
                                .thenCompose(paused -> patiently(client, session))
                        : CompletableFuture.completedFuture(answer));
    }

    /** Writes the rounds from one on, each after the acknowledgement of the one before. */
    private CompletableFuture<Void> write(Client client, Transcript transcript, int number) {
        if (number == ROUNDS) {
            return CompletableFuture.completedFuture(null);
        }
        String id = transcript.mark() + "-" + number;
        String content = transcript.mark() + " " + number + " " + prose.sentence();
        Round round = transcript.sending(List.of(new Said(id, content)));
        return untilAcknowledged(client, transcript, round).thenCompose(done -> write(client, transcript, number + 1));
    }

    private CompletableFuture<Void> untilAcknowledged(Client client, Transcript transcript, Round round) {
        return client.appendLater(transcript.sessionId(), round.messages()).thenCompose(answer -> {
            if (answer.created()) {
                round.acknowledged(answer);
                return CompletableFuture.<Void>completedFuture(null);
            }
            if (!answer.refusedForNow()) {
                throw new AssertionError("an append was answered " + answer.status() + ": " + answer.body());
            }
            refusals.incrementAndGet();
            return CompletableFuture.runAsync(() -> {}, AFTER_A_PAUSE)
                    .thenCompose(paused -> untilAcknowledged(client, transcript, round));
        });
    }
}
