package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import memfuse.cluster.process.Client.Said;
import memfuse.cluster.process.Client.Shown;

/** A session of a user of its own, all that was said in it, and the assertion that all of it is there. */
final class Conversation {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final Client client;
    private final String name;
    private final String userId;
    private final String sessionId;
    private final Prose prose;
    private final List<String> said = new ArrayList<>();

    private Conversation(Client client, String name, String userId, String sessionId, Random random) {
        this.client = client;
        this.name = name;
        this.userId = userId;
        this.sessionId = sessionId;
        this.prose = new Prose(random);
    }

    /** With a user and an agent that the server does not know yet. */
    static Conversation start(Client client, Random random) throws IOException {
        String name =
                "c" + COUNT.incrementAndGet() + "x" + ProcessHandle.current().pid();
        String userId = client.createUser(name);
        String sessionId = client.createSession(userId, client.createAgent(name));
        return new Conversation(client, name, userId, sessionId, random);
    }

    String userId() {
        return userId;
    }

    String sessionId() {
        return sessionId;
    }

    List<String> said() {
        return said;
    }

    /** Appends so many rounds of one message each; all must be acknowledged. */
    void append(int rounds) throws IOException {
        for (int i = 0; i < rounds; i++) {
            String content = name + "n" + said.size() + " " + prose.sentence();
            client.appendPatiently(sessionId, List.of(new Said(name + "-" + said.size(), content)));
            said.add(content);
        }
    }

    List<Shown> buffered() throws IOException {
        return client.buffered(sessionId);
    }

    /** All that was said is in the history, in order and once, and some of it is found, once and first. */
    void assertThatAllIsThereOnce() throws IOException {
        assertThat(client.history(sessionId)).extracting(Shown::content).containsExactlyElementsOf(said);
        for (int i : new int[] {0, said.size() / 2, said.size() - 1}) {
            String content = said.get(i);
            assertThat(client.query(userId, content, 100))
                    .extracting(Shown::content)
                    .containsOnlyOnce(content)
                    .startsWith(content);
        }
    }
}
