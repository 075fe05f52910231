package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import memfuse.cluster.process.Client.Shown;
import memfuse.cluster.process.Transcript.Round;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The server is killed while it is written to, again and again, at any moment. */
class Kill9IT {
    private static final int ROUNDS = Integer.getInteger("memfuse.kill9.rounds", 5);
    private static final int WRITERS = 12;
    private static final int USERS = 4;
    private static final int MESSAGES_PER_SESSION = 80;
    private static final int MOST_ACKNOWLEDGEMENTS = 600;
    private static final int DATABASE_KILLED_ONE_IN = 5;
    private static final int KILLED_WHILE_STARTING_ONE_IN = 5;
    private static final int QUERIES = 3;
    private static final int TOP_K = 5;

    @RegisterExtension
    final Scene scene = new Scene();

    private final Seed seed = Seed.of(Kill9IT.class);
    private final Random random = seed.random(0);

    @Test
    void keepsEveryAcknowledgedMessageOnceAndInOrder() throws Exception {
        DataDirectory data = scene.newDataDirectory();
        Launch launch = Launch.in(data.path()).wordsOnly();
        ServerProcess server = scene.start(launch);
        List<Writer> writers = writers(server.client());
        List<Duration> restarts = new ArrayList<>();
        Verdict shown = Verdict.NOTHING;
        int databaseKills = 0;
        int startKills = 0;

        for (int round = 0; round < ROUNDS; round++) {
            int[] before =
                    writers.stream().mapToInt(w -> w.transcripts().size()).toArray();
            writeUntilKilled(server, writers);
            if (random.nextInt(DATABASE_KILLED_ONE_IN) == 0) {
                data.killPostgres();
                databaseKills++;
            }
            if (random.nextInt(KILLED_WHILE_STARTING_ONE_IN) == 0) {
                killWhileStarting(launch);
                startKills++;
            }
            server = scene.start(launch);
            restarts.add(server.age());
            Verdict verdict = Verdict.NOTHING;
            for (int w = 0; w < WRITERS; w++) {
                List<Transcript> all = writers.get(w).transcripts();
                List<Transcript> touched = all.subList(Math.max(0, before[w] - 1), all.size());
                verdict = verdict.plus(Archive.shown(server.client(), touched));
                findAgain(server.client(), touched);
            }
            assertThat(verdict).as("after kill %d", round + 1).matches(Verdict::isFaultless);
            shown = shown.plus(verdict);
        }

        List<Transcript> all =
                writers.stream().flatMap(w -> w.transcripts().stream()).toList();
        Verdict everythingShown = Archive.shown(server.client(), all);
        server.client().flush();
        Verdict stored;
        try (Connection database = data.connect()) {
            stored = Archive.stored(database, all);
        }
        System.out.printf(
                "Kill9IT: %d kills (%d with PostgreSQL) and %d during the start, %d sessions, restart median %d ms%n",
                ROUNDS, databaseKills, startKills, all.size(), median(restarts));
        System.out.println("Kill9IT: after each restart " + shown);
        System.out.println("Kill9IT: at the end, as shown " + everythingShown + ", as stored " + stored);
        assertThat(everythingShown).matches(Verdict::isFaultless);
        assertThat(stored).matches(Verdict::isFaultless);
        assertThat(stored.acknowledged()).isGreaterThan(ROUNDS);
        assertThat(server.terminate()).isIn(0, 143);
    }

    /** Half of the writers have their sessions to themselves, the others share them two by two. */
    private List<Writer> writers(Client client) throws IOException {
        String agentId = client.createAgent("agent_default");
        List<String> users = new ArrayList<>();
        for (int u = 0; u < USERS; u++) {
            users.add(client.createUser("user " + u));
        }
        List<Writer> writers = new ArrayList<>();
        SessionGroup shared = new SessionGroup(users.get(0), agentId);
        for (int w = 0; w < WRITERS; w++) {
            boolean alone = w < WRITERS / 2;
            if (alone || w % 2 == 0) {
                shared = new SessionGroup(users.get(w % USERS), agentId);
            }
            int messages = alone ? MESSAGES_PER_SESSION : MESSAGES_PER_SESSION / 2;
            writers.add(new Writer("w" + w, shared, messages, seed.random(w + 1)));
        }
        return writers;
    }

    private void writeUntilKilled(ServerProcess server, List<Writer> writers) throws Exception {
        Client client = server.client();
        List<Kill9.Work> writing = new ArrayList<>();
        for (Writer writer : writers) {
            writing.add((goOn, onAcknowledged) -> writer.run(client, goOn, onAcknowledged));
        }
        Kill9.after(1 + random.nextInt(MOST_ACKNOWLEDGEMENTS), server, writing);
    }

    private void killWhileStarting(Launch launch) {
        ServerProcess server = scene.spawn(launch);
        Await.pass(Duration.ofMillis(random.nextInt(4_000)));
        server.kill9();
    }

    /** Some of what was acknowledged, by its own words. */
    private void findAgain(Client client, List<Transcript> transcripts) throws IOException {
        for (int i = 0; i < QUERIES && !transcripts.isEmpty(); i++) {
            Transcript transcript = transcripts.get(random.nextInt(transcripts.size()));
            List<Round> acknowledged =
                    transcript.rounds().stream().filter(Round::isAcknowledged).toList();
            if (!acknowledged.isEmpty()) {
                Round round = acknowledged.get(random.nextInt(acknowledged.size()));
                String words = round.messages().get(0).content();
                assertThat(client.query(transcript.userId(), words, TOP_K))
                        .as(words)
                        .extracting(Shown::id)
                        .contains(round.idsAsAnswered().path(0).asText());
            }
        }
    }

    private static long median(List<Duration> times) {
        List<Duration> sorted = times.stream().sorted().toList();
        return sorted.isEmpty() ? 0 : sorted.get(sorted.size() / 2).toMillis();
    }
}
