package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The model is busy with what others say, and a message is asked for the moment it is acknowledged. */
class ReadYourWritesIT {
    private static final int MESSAGES = Integer.getInteger("memfuse.read.your.writes", 200);
    private static final int TOP_K = 5;

    @RegisterExtension
    final Scene scene = new Scene();

    private final Seed seed = Seed.of(ReadYourWritesIT.class);

    @Test
    void findsEachMessageByItsOwnWordsWithTheFirstQueryAfterItsAcknowledgement() throws Exception {
        Client client = scene.start(Launch.in(scene.newDataDirectory().path())).client();
        String agentId = client.createAgent("agent_default");
        String userId = client.createUser("user");
        List<String> sessions = new ArrayList<>();
        for (int s = 0; s < 3; s++) {
            sessions.add(client.createSession(userId, agentId));
        }
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService others = Executors.newSingleThreadExecutor();
        String chatter = client.createSession(client.createUser("chatterbox"), agentId);
        Future<?> chatting = others.submit(() -> {
            chat(client, chatter, done);
            return null;
        });

        Random random = seed.random(0);
        List<String> missed = new ArrayList<>();
        for (String content : distinctMessages(random)) {
            String sessionId = sessions.get(random.nextInt(sessions.size()));
            Answer appended = client.append(sessionId, content).expect(201);
            String id = appended.data().path("message_ids").path(0).asText();
            if (client.query(userId, content, TOP_K).stream()
                    .noneMatch(hit -> hit.id().equals(id))) {
                missed.add(content);
            }
        }
        done.set(true);
        chatting.get(2, TimeUnit.MINUTES);
        others.shutdownNow();

        System.out.printf("ReadYourWritesIT: %d of %d found at once%n", MESSAGES - missed.size(), MESSAGES);
        assertThat(missed).isEmpty();
    }

    /** Statements, questions, scraps and stories, no two the same. */
    private static List<String> distinctMessages(Random random) {
        Prose prose = new Prose(random);
        Set<String> seen = new HashSet<>();
        List<String> messages = new ArrayList<>();
        while (messages.size() < MESSAGES) {
            int kind = random.nextInt(10);
            String message = kind < 4
                    ? prose.sentence()
                    : kind < 7 ? prose.question() : kind < 9 ? prose.scrap() : prose.story(20);
            String fresh = seen.contains(message) ? message + " (" + seen.size() + ")" : message;
            seen.add(fresh);
            messages.add(fresh);
        }
        return messages;
    }

    private void chat(Client client, String sessionId, AtomicBoolean done) throws IOException {
        Prose prose = new Prose(seed.random(1));
        while (!done.get()) {
            Answer answer = client.append(sessionId, prose.story(10), prose.story(10), prose.story(10));
            assertThat(answer.created() || answer.refusedForNow()).isTrue();
        }
    }
}
