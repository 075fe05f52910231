package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The server is killed while messages are changed and removed, buffered and flushed ones alike. */
class Kill9AmidChangesIT {
    private static final int ROUNDS = Math.max(2, Integer.getInteger("memfuse.kill9.rounds", 5) / 5);
    private static final int SESSIONS = 8;
    private static final int MOST_ACKNOWLEDGEMENTS = 600;

    @RegisterExtension
    final Scene scene = new Scene();

    private final Seed seed = Seed.of(Kill9AmidChangesIT.class);
    private final Random random = seed.random(0);

    @Test
    void keepsAcknowledgedChangesAndBringsNothingBackThatWasRemoved() throws Exception {
        DataDirectory data = scene.newDataDirectory();
        Launch launch = Launch.in(data.path()).wordsOnly();
        ServerProcess server = scene.start(launch);
        String userId = server.client().createUser("user");
        String agentId = server.client().createAgent("agent_default");
        List<ChangingSession> sessions = new ArrayList<>();
        for (int s = 0; s < SESSIONS; s++) {
            String sessionId = server.client().createSession(userId, agentId);
            sessions.add(new ChangingSession("s" + s, sessionId, seed.random(s + 1)));
        }

        for (int round = 0; round < ROUNDS; round++) {
            Client client = server.client();
            List<Kill9.Work> changes = new ArrayList<>();
            for (ChangingSession session : sessions) {
                changes.add((goOn, onAcknowledged) -> session.change(client, goOn, onAcknowledged));
            }
            Kill9.after(1 + random.nextInt(MOST_ACKNOWLEDGEMENTS), server, changes);
            server = scene.start(launch);
            for (ChangingSession session : sessions) {
                session.check(server.client());
            }
        }

        server.client().flush();
        int messages = 0;
        for (ChangingSession session : sessions) {
            session.check(server.client());
            messages += session.expected().size();
        }
        try (Connection database = data.connect()) {
            assertThat(Archive.count(database, "messages")).isEqualTo(messages);
            assertThat(Archive.count(database, "memory_units")).isEqualTo(messages);
        }
        System.out.printf("Kill9AmidChangesIT: %d kills, %d messages left%n", ROUNDS, messages);
    }
}
