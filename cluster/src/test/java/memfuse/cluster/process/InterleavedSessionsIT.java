package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** One user talks in several sessions at once, and some sessions hear two writers at once. */
@ExtendWith(SharedServer.class)
class InterleavedSessionsIT {
    private static final int SESSIONS = 8;
    private static final int MESSAGES_OF_A_WRITER = 45;

    private final Seed seed = Seed.of(InterleavedSessionsIT.class);

    @Test
    void keepsEachWritersOrderAndMixesNoSessions(Client client) throws Exception {
        Conversation any = Conversation.start(client, seed.random(0));
        String agentId = client.createAgent("agent of " + any.sessionId());
        List<Writer> writers = new ArrayList<>();
        for (int s = 0; s < SESSIONS; s++) {
            SessionGroup session = new SessionGroup(any.userId(), agentId);
            writers.add(new Writer("a" + s, session, MESSAGES_OF_A_WRITER, seed.random(2 * s + 1)));
            writers.add(new Writer("b" + s, session, MESSAGES_OF_A_WRITER, seed.random(2 * s + 2)));
        }
        List<Callable<Void>> tasks = new ArrayList<>();
        for (Writer writer : writers) {
            tasks.add(() -> {
                writer.run(client, () -> !writer.hasFilledASession(), () -> {});
                return null;
            });
        }
        ExecutorService threads = Executors.newFixedThreadPool(writers.size());
        for (Future<Void> task : threads.invokeAll(tasks, 3, TimeUnit.MINUTES)) {
            task.get();
        }
        threads.shutdownNow();
        List<Transcript> transcripts =
                writers.stream().flatMap(w -> w.transcripts().stream()).toList();

        assertThatNothingIsMixed(client, transcripts);
        client.flush();
        assertThatNothingIsMixed(client, transcripts);
    }

    private static void assertThatNothingIsMixed(Client client, List<Transcript> transcripts) throws Exception {
        Verdict verdict = Archive.shown(client, transcripts);
        assertThat(verdict).matches(Verdict::isFaultless);
        assertThat(verdict.acknowledged()).isGreaterThanOrEqualTo(2 * SESSIONS * MESSAGES_OF_A_WRITER);
        for (int s = 0; s < transcripts.size(); s += 2) {
            Transcript one = transcripts.get(s);
            Transcript other = transcripts.get(s + 1);
            assertThat(other.sessionId()).isEqualTo(one.sessionId());
            assertThat(client.history(one.sessionId()))
                    .hasSize(one.messageCount() + other.messageCount())
                    .allMatch(shown -> shown.content().startsWith(one.mark() + " ")
                            || shown.content().startsWith(other.mark() + " "));
        }
    }
}
