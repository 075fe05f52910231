package memfuse.cluster.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A user's memory taken from one server to another, each with a database of its own. */
class TransferIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MANY = 20_000;
    private static final int TOP = 10;

    @RegisterExtension
    final Scene scene = new Scene();

    @Test
    void answersQueriesTheSameOnAnotherServer() throws Exception {
        ServerProcess here = scene.start(Launch.in(scene.newDataDirectory().path()));
        Launch launch = Launch.in(scene.newDataDirectory().path());
        ServerProcess there = scene.start(launch);
        Client from = here.client();
        Client to = there.client();
        String ann = from.createUser("ann");
        String agent = from.createAgent("helper");
        String flushed = from.createSession(ann, agent);
        String mixed = from.createSession(ann, agent);
        Random random = Seed.of(TransferIT.class).random(0);
        Prose prose = new Prose(random);
        for (int i = 0; i < 40; i++) {
            from.append(flushed, prose.sentence()).expect(201);
        }
        from.append(mixed, "Ana has a cat called Miso", "the cat is black", "to be forgotten")
                .expect(201);
        from.flush();
        String forgotten = from.history(mixed).get(2).id();
        String black = from.history(mixed).get(1).id();
        from.delete(Client.messages(mixed), Map.of("message_ids", List.of(forgotten)))
                .expect(200);
        from.append(mixed, "Miso sleeps on the piano", "Ana plays the piano at night")
                .expect(201);
        from.put(
                        Client.messages(mixed),
                        Map.of(
                                "message_ids",
                                List.of(black),
                                "new_messages",
                                List.of(Map.of("role", "user", "content", "the cat is white after all"))))
                .expect(200);

        byte[] file = from.download("/users/" + ann + "/export");
        assertThat(new String(file, UTF_8)).contains("white after all").doesNotContain("forgotten", "is black");

        String elsewhere = to.createUser("someone else");
        to.query(elsewhere, "a query that has the index loaded", 3);
        Answer imported = to.postBytes("/users/" + elsewhere + "/import", file).expect(201);
        assertThat(imported.data().path("messages").asInt()).isEqualTo(44);
        Map<String, String> sessionIds = JSON.convertValue(
                imported.data().path("session_ids"),
                JSON.getTypeFactory().constructMapType(Map.class, String.class, String.class));
        String mixedThere = sessionIds.getOrDefault(mixed, "");
        assertThat(to.query(elsewhere, "Miso piano", 3))
                .as("found by its words at once")
                .extracting(Client.Shown::content)
                .contains("Miso sleeps on the piano");
        for (Map.Entry<String, String> ids : sessionIds.entrySet()) {
            assertThat(to.history(ids.getValue())).isEqualTo(from.history(ids.getKey()));
            awaitEmbedded(from, ids.getKey());
            awaitEmbedded(to, ids.getValue());
        }
        for (String query : List.of("Which colour is the cat?", "Miso", "music in the evening", prose.sentence())) {
            assertSame(
                    query, results(from, ann, query, "keyword"), results(to, elsewhere, query, "keyword"), sessionIds);
            assertAlike(query, results(from, ann, query, null), results(to, elsewhere, query, null));
        }

        to.postBytes("/users/" + elsewhere + "/import", file).expect(200);
        assertThat(withoutIds(to.download("/users/" + elsewhere + "/export"))).isEqualTo(withoutIds(file));
        to.append(mixedThere, "and goes on").expect(201);
        to.flush();
        assertThat(to.history(mixedThere))
                .extracting(Client.Shown::content)
                .endsWith("Ana plays the piano at night", "and goes on");
        there.kill9();
        assertThat(scene.start(launch).client().history(mixedThere)).hasSize(5);
    }

    private static void awaitEmbedded(Client client, String sessionId) {
        Await.until("all of " + sessionId + " is embedded", LIMIT, () -> {
            client.flush();
            JsonNode marks =
                    client.get("/sessions/" + sessionId + "/watermarks").data().path("watermarks");
            return marks.path("m1").asLong() == marks.path("journaled").asLong();
        });
    }

    private static JsonNode results(Client client, String userId, String query, @Nullable String storeType)
            throws IOException {
        Map<String, Object> asked = new HashMap<>(Map.of("query", query, "top_k", TOP));
        asked.put("store_type", storeType);
        return client.post("/users/" + userId + "/query", asked)
                .expect(200)
                .data()
                .path("results");
    }

    private static void assertSame(String query, JsonNode here, JsonNode there, Map<String, String> sessionIds) {
        assertThat(there.size()).as(query).isEqualTo(here.size());
        for (int i = 0; i < here.size(); i++) {
            for (String field : List.of("id", "content", "role", "created_at", "updated_at")) {
                assertThat(there.get(i).path(field))
                        .as("%s of %d to %s", field, i, query)
                        .isEqualTo(here.get(i).path(field));
            }
            assertThat(there.get(i).path("score").asDouble())
                    .isCloseTo(here.get(i).path("score").asDouble(), within(1e-6));
            assertThat(there.get(i).at("/metadata/session_id").asText())
                    .isEqualTo(sessionIds.get(
                            here.get(i).at("/metadata/session_id").asText()));
        }
    }

    /** An embedding depends a little on what was embedded beside it, so that near neighbours may change places. */
    private static void assertAlike(String query, JsonNode here, JsonNode there) {
        Map<String, Double> scores = new HashMap<>();
        here.forEach(
                hit -> scores.put(hit.path("id").asText(), hit.path("score").asDouble()));
        int found = 0;
        for (JsonNode hit : there) {
            Double score = scores.get(hit.path("id").asText());
            if (score != null) {
                found++;
                assertThat(hit.path("score").asDouble())
                        .as("%s to %s", hit, query)
                        .isCloseTo(score, within(0.05));
            }
        }
        assertThat(found).as("the same hits to %s: %s", query, there).isGreaterThanOrEqualTo(TOP - 2);
    }

    /** The lines of a file less what is another in another place. */
    private static List<String> withoutIds(byte[] file) {
        return new String(file, UTF_8)
                .lines()
                .map(line -> line.replaceAll("\"(session_id|agent_id|user_id|user_name|exported_at)\":\"[^\"]*\",?", "")
                        .replaceAll("(\"type\":\"(session|agent)\",)\"id\":\"[^\"]*\"", "$1"))
                .toList();
    }

    @Test
    @Tag("long")
    void storesAllOrNothingWhateverIsKilled() throws Exception {
        DataDirectory data = scene.newDataDirectory();
        Launch launch = Launch.in(data.path()).wordsOnly();
        ServerProcess server = scene.start(launch);
        String user = server.client().createUser("ann");
        byte[] file = file(MANY, 0);
        Random random = Seed.of(TransferIT.class).random(1);
        int stored = 0;
        for (int round = 0; round < 3 && stored == 0; round++) {
            ServerProcess doomed = server;
            CompletableFuture<Integer> importing = CompletableFuture.supplyAsync(() -> tryImport(doomed, user, file));
            Await.pass(Duration.ofMillis(200 + random.nextInt(1_500)));
            doomed.kill9();
            importing.join();
            server = scene.start(launch);
            stored = lines(server.client(), user, "message");
            assertThat(stored).as("round %d", round).isIn(0, MANY);
        }
        assertThat(server.client().postBytes("/users/" + user + "/import", file).status())
                .isEqualTo(stored == 0 ? 201 : 200);
        assertThat(lines(server.client(), user, "message")).isEqualTo(MANY);
        assertThat(lines(server.client(), user, "session")).isEqualTo(1);
    }

    private static int tryImport(ServerProcess server, String user, byte[] file) {
        try {
            return server.client().postBytes("/users/" + user + "/import", file).status();
        } catch (IOException e) {
            return 0;
        }
    }

    /** More text than the server has room for. */
    @Test
    @Tag("long")
    void takesMoreThanTheHeapHolds() throws Exception {
        ServerProcess server = scene.start(
                Launch.in(scene.newDataDirectory().path()).wordsOnly().withEnvironment("_JAVA_OPTIONS", "-Xmx64m"));
        Client client = server.client();
        String user = client.createUser("ann");
        byte[] file = file(MANY, 3_500);
        assertThat(file.length).isGreaterThan(64 << 20);

        client.postBytes("/users/" + user + "/import", file).expect(201);
        byte[] exported = client.download("/users/" + user + "/export");

        assertThat(contents(exported)).isEqualTo(contents(file));
        String erased = client.createUser("bob");
        client.postBytes("/users/" + erased + "/import", file(50, 0)).expect(201);
        assertThat(client.delete("/users/" + erased, Map.of()).status()).isEqualTo(204);
        JsonNode counts = client.get("/erasures/" + erased).expect(200).data().at("/erasure/counts");
        assertThat(counts.path("imports").asInt()).isEqualTo(1);
        assertThat(counts.path("m0").asInt()).isEqualTo(50);
    }

    private static List<String> contents(byte[] file) throws IOException {
        List<String> contents = new ArrayList<>();
        for (String line : new String(file, UTF_8).lines().toList()) {
            JsonNode json = JSON.readTree(line);
            if (json.path("type").asText().equals("message")) {
                contents.add(
                        json.path("seq").asLong() + ": " + json.path("content").asText());
            }
        }
        return contents;
    }

    private static int lines(Client client, String user, String type) throws IOException {
        String file = new String(client.download("/users/" + user + "/export"), UTF_8);
        assertThat(file.lines()).last().asString().startsWith("{\"type\":\"end\"");
        return (int) file.lines()
                .filter(line -> line.startsWith("{\"type\":\"" + type + "\""))
                .count();
    }

    /** A file with one session of so many messages, each of about so many characters. */
    private static byte[] file(int messages, int length) {
        String filling = " word".repeat(length / 5);
        String messageLines = IntStream.rangeClosed(1, messages)
                .mapToObj(seq -> """
                        {"type":"message","session_id":"s","seq":%d,"role":"user","content":"this is number %d%s"}
                        """.formatted(seq, seq, filling))
                .collect(Collectors.joining());
        String opening = """
                {"type":"export","format":"memfuse-export","version":1}
                {"type":"agent","id":"a","name":"helper"}
                {"type":"session","id":"s","agent_id":"a","name":"talk"}
                """;
        String end = """
                {"type":"end","agents":1,"sessions":1,"messages":%d,"knowledge":0}
                """.formatted(messages);
        return (opening + messageLines + end).getBytes(UTF_8);
    }
}
