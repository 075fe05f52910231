package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Chunks and their rounds in a server that is killed, before its buffers were flushed and after. */
class ChunksIT {
    @RegisterExtension
    final Scene scene = new Scene();

    @Test
    void listsTheChunksOfARoundWhateverWasKilledAfterIt() throws Exception {
        Launch launch = Launch.in(scene.newDataDirectory().path()).wordsOnly();
        ServerProcess server = scene.start(launch);
        Client client = server.client();
        String userId = client.createUser("ann");
        String sessionId = client.createSession(userId, client.createAgent("agent"));
        client.append(sessionId, "first of one", "second of one").expect(201);
        client.append(sessionId, "first of two").expect(201);
        String round = roundOf(client, sessionId, "second of one");
        assertThat(inRound(client, round)).containsExactly("first of one", "second of one");

        server.kill9();
        ServerProcess second = scene.start(launch);
        assertThat(inRound(second.client(), round)).containsExactly("first of one", "second of one");
        second.client().flush();
        second.kill9();

        Client last = scene.start(launch).client();
        assertThat(inRound(last, round)).containsExactly("first of one", "second of one");
        String messageId = last.history(sessionId).get(0).id();
        Map<String, Object> change = Map.of(
                "message_ids", List.of(messageId),
                "new_messages", List.of(Map.of("role", "user", "content", "changed first of one")));
        last.put(Client.messages(sessionId), change).expect(200);
        assertThat(inRound(last, round)).containsExactly("changed first of one", "second of one");
        JsonNode stats =
                last.get("/chunks/stats?limit=1&user_id=" + userId).expect(200).data();
        assertThat(stats.path("total_count").asInt()).isEqualTo(3);
        assertThat(stats.path("chunks")).hasSize(1);
    }

    private static String roundOf(Client client, String sessionId, String content) throws IOException {
        JsonNode chunks = client.get("/sessions/" + sessionId + "/chunks")
                .expect(200)
                .data()
                .path("chunks");
        for (JsonNode chunk : chunks) {
            if (chunk.path("content").asText().equals(content)) {
                return chunk.at("/metadata/round_id").asText();
            }
        }
        throw new AssertionError("not listed: " + content + " in " + chunks);
    }

    private static List<String> inRound(Client client, String round) throws IOException {
        List<String> contents = new ArrayList<>();
        client.get("/rounds/" + round + "/chunks?sort_by=chunk_id&order=asc")
                .expect(200)
                .data()
                .path("chunks")
                .forEach(chunk -> contents.add(chunk.path("content").asText()));
        return contents;
    }
}
