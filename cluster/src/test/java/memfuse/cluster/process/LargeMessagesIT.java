package memfuse.cluster.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import memfuse.cluster.process.Client.Said;
import memfuse.cluster.process.Client.Shown;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the bounds permit is carried between nodes: everything here is asked of a node that the user does not live on. */
class LargeMessagesIT {
    private static final int KIB = 1024;
    private static final int MIB = KIB * KIB;
    private static final int USERS_TRIED = 100;

    @RegisterExtension
    final Scene scene = new Scene();

    private record Scenery(Client client, String user, String agent) {
        String newSession() throws IOException {
            return client.createSession(user, agent);
        }
    }

    @Test
    void answersFromAnotherNodeWhateverTheSize() throws Exception {
        try (Nodes nodes = Nodes.start(scene, 2)) {
            Scenery elsewhere = userElsewhere(nodes, nodes.newClient(0), 0);
            carriesTheLargestMessage(elsewhere);
            carriesTheLargestRound(elsewhere);
            carriesAPageOfTenKibibyteMessages(nodes, elsewhere);
            carriesFiveMebibytesOfKnowledge(elsewhere);
        }
    }

    /** A user who lives on another node than the one that is asked. */
    private static Scenery userElsewhere(Nodes nodes, Client client, int asked) throws IOException {
        String agent = client.createAgent("helper");
        for (int i = 0; i < USERS_TRIED; i++) {
            String user = client.createUser("user " + i);
            client.append(client.createSession(user, agent), "the first").expect(201);
            int home = nodes.placement()[Nodes.shardOf(user)];
            if (home >= 0 && home != asked) {
                return new Scenery(client, user, agent);
            }
        }
        throw new AssertionError("all of " + USERS_TRIED + " users live on node " + asked);
    }

    private static void carriesTheLargestMessage(Scenery scenery) throws IOException {
        Client client = scenery.client();
        String session = scenery.newSession();
        String content = text(MIB);
        client.append(session, content).expect(201);
        assertThat(client.history(session)).extracting(Shown::content).containsExactly(content);
        client.flush();
        assertThat(client.history(session)).extracting(Shown::content).containsExactly(content);
        assertExported(scenery, content);
    }

    private static void carriesTheLargestRound(Scenery scenery) throws IOException {
        Client client = scenery.client();
        String session = scenery.newSession();
        List<Said> round = IntStream.range(0, 1_000)
                .mapToObj(i -> new Said("call-" + "0".repeat(200) + i, "message " + i))
                .toList();
        client.append(session, round).expect(201);
        List<String> ids = round.stream().map(Said::id).toList();
        JsonNode read = client.post(Client.messages(session) + "/read", Map.of("message_ids", ids))
                .expect(200)
                .data()
                .path("messages");
        assertThat(read).hasSize(1_000);
        client.delete(Client.messages(session), Map.of("message_ids", ids)).expect(200);
    }

    private static void carriesAPageOfTenKibibyteMessages(Nodes nodes, Scenery scenery) throws IOException {
        Client client = scenery.client();
        String session = scenery.newSession();
        List<String> contents =
                IntStream.range(0, 100).mapToObj(i -> i + " " + text(10 * KIB)).toList();
        for (int i = 0; i < contents.size(); i += 20) {
            client.append(session, contents.subList(i, i + 20).toArray(String[]::new))
                    .expect(201);
        }
        for (int round = 0; round < 2; round++) {
            List<Shown> history = client.history(session);
            assertThat(history).extracting(Shown::content).containsExactlyElementsOf(contents);
            List<String> ids = history.stream().map(Shown::id).toList();
            assertThat(client.post(Client.messages(session) + "/read", Map.of("message_ids", ids))
                            .expect(200)
                            .data()
                            .path("messages"))
                    .hasSize(contents.size());
            client.post("/users/" + scenery.user() + "/context", Map.of("session_id", session, "max_tokens", 100_000))
                    .expect(200);
            nodes.flush();
        }
        assertExported(scenery, contents.get(99));
    }

    private static void carriesFiveMebibytesOfKnowledge(Scenery scenery) throws IOException {
        Client client = scenery.client();
        String knowledge = "/users/" + scenery.user() + "/knowledge";
        List<String> items =
                IntStream.range(0, 5).mapToObj(i -> i + " " + text(MIB - 2)).toList();
        JsonNode ids = client.post(knowledge, Map.of("knowledge", items))
                .expect(201)
                .data()
                .path("knowledge_ids");
        List<String> listed = new ArrayList<>();
        Consumer<JsonNode> list = item -> listed.add(item.path("content").asText());
        client.get(knowledge).expect(200).data().path("knowledge").forEach(list);
        assertThat(listed).containsExactlyElementsOf(items);
        listed.clear();
        client.post(knowledge + "/read", Map.of("knowledge_ids", ids))
                .expect(200)
                .data()
                .path("knowledge")
                .forEach(list);
        assertThat(Set.copyOf(listed)).isEqualTo(Set.copyOf(items));
        assertExported(scenery, items.get(4));
    }

    private static void assertExported(Scenery scenery, String content) throws IOException {
        String file = new String(scenery.client().download("/users/" + scenery.user() + "/export"), UTF_8);
        assertThat(file.contains(content))
                .as("the export has a text of %d characters", content.length())
                .isTrue();
        assertThat(file.lines()).last().asString().startsWith("{\"type\":\"end\"");
    }

    /** So many bytes that are quickly cut into words. */
    private static String text(int bytes) {
        return "some words of no account ".repeat(bytes / 25 + 1).substring(0, bytes);
    }
}
