package memfuse.cluster.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import memfuse.cluster.process.Client.Said;
import memfuse.cluster.process.Client.Shown;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A client sends what it should not: it is told so, nothing of it is stored, and the server goes on. */
@ExtendWith(SharedServer.class)
class BadInputIT {
    private static final String GOOD = "{\"role\":\"user\",\"content\":\"half of a round\"}";
    private static final int MEBIBYTE = 1 << 20;

    private final Seed seed = Seed.of(BadInputIT.class);

    @Test
    void refusesBodiesThatAreNotARoundAndStoresNothingOfThem(Client client) throws Exception {
        Conversation conversation = Conversation.start(client, seed.random(0));
        conversation.append(1);
        String path = Client.messages(conversation.sessionId());
        List<String> bodies = List.of(
                "",
                "{",
                "null",
                "[]",
                "42",
                "{\"messages\":7}",
                "{\"messages\":{}}",
                "{\"messages\":[7]}",
                "{\"messages\":[" + GOOD + ",null]}",
                "{\"messages\":[" + GOOD + ",{\"role\":\"user\"}]}",
                "{\"messages\":[" + GOOD + ",{\"content\":\"no role\"}]}",
                "{\"messages\":[" + GOOD + ",{\"role\":\"wizard\",\"content\":\"x\"}]}",
                "{\"messages\":[" + GOOD + ",{\"role\":\"user\",\"content\":\"\"}]}",
                "{\"messages\":[" + GOOD + ",{\"role\":\"user\",\"content\":17}]}",
                "{\"messages\":[" + GOOD + ",{\"role\":\"user\",\"content\":[\"x\"]}]}",
                "{\"messages\":[" + GOOD + ",{\"role\":\"user\",\"content\":\"x\",\"created_at\":\"yesterday\"}]}",
                "{\"messages\":[" + GOOD + "]",
                "{\"messages\":[" + GOOD + "]} and more",
                "{\"messages\":[" + GOOD + ",{\"role\":\"user\",\"content\":\"" + "x".repeat(MEBIBYTE + 1) + "\"}]}",
                "{\"messages\":[" + String.join(",", Collections.nCopies(10_000, GOOD)) + "]}",
                "[".repeat(100_000));
        for (String body : bodies) {
            Answer answer = client.postBytes(path, body.getBytes(UTF_8));
            assertThat(answer.status())
                    .as(body.substring(0, Math.min(90, body.length())))
                    .isEqualTo(422);
            assertThat(answer.body().path("detail").isArray()).isTrue();
        }
        byte[] notUtf8 = "{\"messages\":[{\"role\":\"user\",\"content\":\"\u00e9\u00ff\"}]}".getBytes(ISO_8859_1);
        assertThat(client.postBytes(path, notUtf8).status()).isEqualTo(422);

        conversation.assertThatAllIsThereOnce();
    }

    @Test
    void refusesWhatPostgresCannotStore(Client client) throws Exception {
        Conversation conversation = Conversation.start(client, seed.random(1));
        String sessionId = conversation.sessionId();
        Answer nul = client.append(sessionId, List.of(new Said(null, "before\u0000after")));
        assertThat(nul.status()).isEqualTo(422);
        assertThat(client.post("/users", Map.of("name", "nul\u0000")).status()).isEqualTo(422);
        Answer half = client.postBytes(
                Client.messages(sessionId),
                "{\"messages\":[{\"role\":\"user\",\"content\":\"half \\ud83d\"}]}".getBytes(UTF_8));
        assertThat(half.status()).isEqualTo(422);

        client.flush();
        conversation.append(1);
        client.flush();
        assertThat(client.buffered(sessionId)).isEmpty();
        conversation.assertThatAllIsThereOnce();
    }

    @Test
    void answersUnknownIdsAndAbsurdNumbers(Client client) throws Exception {
        Conversation conversation = Conversation.start(client, seed.random(2));
        conversation.append(3);
        String messages = Client.messages(conversation.sessionId());
        String query = "/users/" + conversation.userId() + "/query";
        List<Integer> statuses = new ArrayList<>();
        for (String path : List.of(
                "/users/nobody",
                "/sessions/nothing",
                "/sessions/nothing/messages",
                "/agents/" + "x".repeat(1_000),
                "/users/%00",
                "/nowhere")) {
            statuses.add(client.get(path).status());
        }
        assertThat(statuses).containsOnly(404);
        for (String limit : List.of("0", "-1", "101", "abc", "99999999999999999999", "1.5", "")) {
            assertThat(client.get(messages + "?limit=" + limit).status())
                    .as(limit)
                    .isEqualTo(400);
        }
        for (Object topK : List.of(-1, 0, 1_000_000, Integer.MAX_VALUE)) {
            client.post(query, Map.of("query", "Ana", "top_k", topK)).expect(200);
        }
        client.post(query, Map.of("query", "")).expect(422);
        client.post(query, Map.of("query", "Ana", "top_k", "many")).expect(422);
        client.post(query, Map.of("query", "Ana", "store_type", "cellar")).expect(422);
        client.post("/users/nobody/query", Map.of("query", "Ana")).expect(404);
        client.put(messages, Map.of("message_ids", List.of("none"), "new_messages", List.of()))
                .expect(422);
        client.delete(messages, Map.of("message_ids", List.of("none"))).expect(404);
        client.post(messages + "/read", Map.of("message_ids", List.of("none"))).expect(404);

        conversation.assertThatAllIsThereOnce();
    }

    @Test
    void takesAMessageAsLongAsTheLimitAndARoundOfAThousand(Client client) throws Exception {
        String sessionId = Conversation.start(client, seed.random(3)).sessionId();
        String longest = "long ".repeat(MEBIBYTE / 5);

        append(client, sessionId, longest);
        client.flush(); // a session with nothing unflushed takes any round
        Answer thousand = client.append(
                sessionId, Collections.nCopies(1_000, "again and again").toArray(String[]::new));

        assertThat(thousand.expect(201).data().path("total_messages").asInt()).isEqualTo(1_001);
        client.flush();
        assertThat(client.history(sessionId))
                .element(0)
                .extracting(Shown::content)
                .isEqualTo(longest);
    }

    private static void append(Client client, String sessionId, String content) throws IOException {
        client.append(sessionId, content).expect(201);
    }
}
