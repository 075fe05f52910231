package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import memfuse.cluster.process.Client.Said;
import memfuse.cluster.process.Client.Shown;
import memfuse.cluster.process.EventReader.Told;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What is written through one of three nodes holds on every other. In each test they change places, and a user lives on
 * any of them. They start on the database of an earlier version, which they bring up to date.
 */
class AnyNodeIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final long HANG_SECONDS = 120;

    /** In which all nodes have heard of a deleted key; promised is about a second. */
    private static final Duration REVOCATION_LIMIT = Duration.ofSeconds(10);

    @RegisterExtension
    static final UpgradedNodes NODES = new UpgradedNodes(3);

    private static final Random RANDOM = Seed.of(AnyNodeIT.class).random(0);

    /** Of one node, of another, and of the third, all with the key of the operator. */
    private Client one;

    private Client other;
    private Client third;

    @BeforeEach
    void shuffle() {
        List<Client> nodes = new ArrayList<>(NODES.clients());
        Collections.shuffle(nodes, RANDOM);
        one = nodes.get(0);
        other = nodes.get(1);
        third = nodes.get(2);
    }

    private List<Client> all() {
        return List.of(one, other, third);
    }

    @Test
    void hasTheMemoryOfTheEarlierVersion() throws Exception {
        EarlierDatabase.assertIsThere(one, other, third);
    }

    @Test
    void knowsNewKeysAtOnceAndRefusesDeletedOnesSoon() throws IOException {
        String ann = one.createUser(name());
        String bob = other.createUser(name());
        JsonNode lost = makeKey(one, ann);
        JsonNode kept = makeKey(other, ann);
        for (Client node : all()) {
            for (JsonNode key : List.of(lost, kept)) {
                Client asAnn = node.withKey(key.path("key").asText());
                asAnn.get("/users/" + ann).expect(200);
                asAnn.get("/users/" + bob).expect(403);
            }
        }

        other.delete("/users/" + ann + "/api-keys/" + lost.path("id").asText(), Map.of())
                .expect(200);
        String deleted = lost.path("key").asText();
        other.withKey(deleted).get("/users/" + ann).expect(401);
        for (Client node : all()) {
            Await.until(
                    "the deleted key is refused",
                    REVOCATION_LIMIT,
                    () -> node.withKey(deleted).get("/users/" + ann).status() == 401);
            node.withKey(kept.path("key").asText()).get("/users/" + ann).expect(200);
        }
    }

    private static JsonNode makeKey(Client client, String userId) throws IOException {
        return client.post("/users/" + userId + "/api-keys", Map.of())
                .expect(201)
                .data()
                .path("api_key");
    }

    @Test
    void storesOneRoundOfTwoThatComeUnderOneKeyToTwoNodes() throws Exception {
        String session = newSession(one.createUser(name()));
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            List<Said> round = List.of(new Said(null, "question " + i), new Said(null, "answer " + i));
            CompletableFuture<Answer> first = one.appendUnderKey(session, "pair " + i, round);
            CompletableFuture<Answer> second = other.appendUnderKey(session, "pair " + i, round);
            Answer answer = first.get(HANG_SECONDS, TimeUnit.SECONDS).expect(201);
            assertThat(second.get(HANG_SECONDS, TimeUnit.SECONDS).expect(201).body())
                    .isEqualTo(answer.body());
            answer.data().path("message_ids").forEach(id -> ids.add(id.asText()));
            assertThat(third.history(session)).extracting(Shown::id).isEqualTo(ids);
        }
        third.appendUnderKey(session, "pair 0", List.of(new Said(null, "something else")))
                .get(HANG_SECONDS, TimeUnit.SECONDS)
                .expect(409);
        assertThat(one.history(session)).extracting(Shown::id).isEqualTo(ids);
    }

    @Test
    void takesAMessageThatIsRepeatedThroughAnotherNodeForTheSame() throws IOException {
        String session = newSession(one.createUser(name()));
        Said said = new Said("m-1", "The key is under the mat.");
        one.append(session, List.of(said)).expect(201);
        other.append(session, List.of(said)).expect(201);
        third.append(session, List.of(new Said("m-2", "half a round"), new Said("m-1", "The key is under the cat.")))
                .expect(409);

        assertThat(other.history(session)).containsExactly(new Shown("m-1", said.content()));
    }

    @Test
    void goesOnWithEventsThroughAnotherNode() throws IOException {
        String user = one.createUser(name());
        String session = newSession(user);
        one.append(session, List.of(new Said("before", "said before anybody listened")))
                .expect(201);
        Client host = NODES.clients().get(NODES.hostOf(user));
        List<Client> elsewhere = new ArrayList<>(NODES.clients());
        elsewhere.remove(host);
        Told last;
        try (EventReader listening = EventReader.open(elsewhere.get(0), session, Optional.empty())) {
            elsewhere
                    .get(1)
                    .append(session, List.of(new Said("heard", "said while one listens")))
                    .expect(201);
            List<Told> told = listening.awaitTold("appended", List.of("heard"));
            assertThat(told)
                    .filteredOn(event -> event.type().equals("appended"))
                    .hasSize(1);
            last = told.get(told.size() - 1);
        }
        host.append(session, List.of(new Said("missed", "said while nobody listens")))
                .expect(201);
        try (EventReader again = EventReader.open(elsewhere.get(1), session, Optional.of(last.id()))) {
            again.awaitTold("appended", List.of("missed"));
            elsewhere
                    .get(0)
                    .delete(Client.messages(session), Map.of("message_ids", List.of("missed")))
                    .expect(200);
            List<Told> told = again.awaitTold("deleted", List.of("missed"));
            assertThat(told).extracting(Told::type).doesNotContain("reset");
            assertThat(told)
                    .filteredOn(event -> event.type().equals("appended"))
                    .extracting(Told::messageIds)
                    .containsExactly(List.of("missed"));
        }
    }

    @Test
    void importsThroughAnotherNodeWhatOneExported() throws IOException {
        String ann = one.createUser(name());
        String session = newSession(ann);
        one.append(session, "Ana has a cat called Miso.").expect(201);
        one.flush();
        other.append(session, "Miso sleeps on the piano.").expect(201);
        third.post("/users/" + ann + "/knowledge", Map.of("knowledge", List.of("Ana is a nurse.")))
                .expect(201);

        byte[] file = one.download("/users/" + ann + "/export");
        String bob = third.createUser(name());
        String path = "/users/" + bob + "/import";
        Answer imported = other.postBytes(path, file).expect(201);
        String there = imported.data().path("session_ids").path(session).asText();
        for (Client node : all()) {
            assertThat(node.history(there)).isEqualTo(node.history(session));
            assertThat(contents(node, bob, "piano", null)).contains("Miso sleeps on the piano.");
        }
        third.postBytes(path, file).expect(200);
        assertThat(one.history(there)).hasSize(2);
        assertThat(knowledge(other, bob)).containsExactly("Ana is a nurse.");
    }

    @Test
    void readsThroughAnyNodeWhatWasChangedRemovedAndErased() throws IOException {
        String user = one.createUser(name());
        String session = newSession(user);
        String kept = newSession(user);
        one.append(session, List.of(new Said("m-1", "The umbrella is red."), new Said("m-2", "A secret.")))
                .expect(201);
        third.append(kept, List.of(new Said("m-3", "The umbrella is wet."))).expect(201);
        assertThat(contents(third, user, "umbrella secret", null)).contains("The umbrella is red.", "A secret.");
        other.put(
                        Client.messages(session),
                        Map.of(
                                "message_ids",
                                List.of("m-1"),
                                "new_messages",
                                List.of(Map.of("role", "user", "content", "The umbrella is blue."))))
                .expect(200);
        third.delete(Client.messages(session), Map.of("message_ids", List.of("m-2")))
                .expect(200);
        for (Client node : all()) {
            assertThat(node.history(session)).containsExactly(new Shown("m-1", "The umbrella is blue."));
            assertThat(contents(node, user, "umbrella secret", null))
                    .containsExactlyInAnyOrder("The umbrella is blue.", "The umbrella is wet.");
        }

        other.delete("/sessions/" + session, Map.of()).expect(200);
        for (Client node : all()) {
            node.get(Client.messages(session)).expect(404);
            node.get("/erasures/" + session).expect(200);
            assertThat(contents(node, user, "umbrella secret", null)).containsExactly("The umbrella is wet.");
        }
        third.delete("/users/" + user, Map.of()).expect(204);
        for (Client node : all()) {
            node.get("/users/" + user).expect(404);
            node.get(Client.messages(kept)).expect(404);
            node.append(kept, "too late").expect(404);
            node.post("/users/" + user + "/query", Map.of("query", "umbrella")).expect(404);
        }
    }

    @Test
    void waitsForTheLayersThroughAnyNode() throws IOException {
        String session = newSession(one.createUser(name()));
        int journaled = 0;
        for (Client node : all()) {
            journaled++;
            Map<String, String> said = Map.of("role", "user", "content", "number " + journaled);
            Answer answer = node.post(
                            Client.messages(session) + "?wait_for=m1&timeout_ms=30000",
                            Map.of("messages", List.of(said)))
                    .expect(201);
            assertThat(answer.data().at("/watermarks/m1").asInt()).isEqualTo(journaled);
            for (Client reading : all()) {
                JsonNode marks = reading.get("/sessions/" + session + "/watermarks")
                        .expect(200)
                        .data()
                        .path("watermarks");
                assertThat(List.of(
                                marks.path("journaled").asInt(),
                                marks.path("m0").asInt(),
                                marks.path("m1").asInt()))
                        .containsOnly(journaled);
                assertThat(reading.buffered(session)).isEmpty();
            }
        }
    }

    @Test
    void findsFactsAndTheirEvidenceThroughAnyNode() throws IOException {
        String user = one.createUser(name());
        String stranger = other.createUser(name());
        String session = newSession(user);
        one.append(session, "I live in Lisbon.").expect(201);
        third.append(newSession(stranger), "What a day in Lisbon!").expect(201);
        other.flush();
        for (Client node : all()) {
            Await.until("the fact is there", LIMIT, () -> facts(node, user).equals(List.of("Lisbon")));
            assertThat(contents(node, user, "Where is Lisbon?", "graph")).containsExactly("I live in Lisbon.");
            assertThat(facts(node, stranger)).isEmpty();
        }
    }

    @Test
    void findsKnowledgeThroughAnyNode() throws IOException {
        String user = one.createUser(name());
        String path = "/users/" + user + "/knowledge";
        String id = one.post(path, Map.of("knowledge", List.of("Alice repairs violins.")))
                .expect(201)
                .data()
                .at("/knowledge_ids/0")
                .asText();
        for (Client node : all()) {
            assertThat(contents(node, user, "violins", null)).containsExactly("Alice repairs violins.");
        }
        other.put(path, Map.of("knowledge_ids", List.of(id), "new_knowledge", List.of("Alice repairs pianos.")))
                .expect(200);
        for (Client node : all()) {
            assertThat(contents(node, user, "pianos violins", null)).containsExactly("Alice repairs pianos.");
        }
        third.delete(path, Map.of("knowledge_ids", List.of(id))).expect(200);
        for (Client node : all()) {
            assertThat(contents(node, user, "pianos violins", null)).isEmpty();
            assertThat(knowledge(node, user)).isEmpty();
        }
    }

    @Test
    void assemblesTheSameContextThroughAnyNode() throws IOException {
        String user = one.createUser(name());
        one.append(newSession(user), "Peanuts are dangerous for me.").expect(201);
        String session = newSession(user);
        other.append(session, "Are peanuts in this dessert?").expect(201);
        List<JsonNode> contexts = new ArrayList<>();
        for (Client node : all()) {
            JsonNode context = node.post("/users/" + user + "/context", Map.of("session_id", session))
                    .expect(200)
                    .data();
            assertThat(context.at("/recent/0/content").asText()).isEqualTo("Are peanuts in this dessert?");
            assertThat(context.at("/memories/0/content").asText()).isEqualTo("Peanuts are dangerous for me.");
            assertThat(context.path("memories")).hasSize(1);
            contexts.add(context.path("context"));
        }
        assertThat(contexts).containsOnly(contexts.get(0));
    }

    @Test
    void flushesTheBuffersOfAllNodesWhicheverIsAsked() throws Exception {
        Map<Integer, String> sessionOnNode = new HashMap<>();
        for (int i = 0; i < 100 && sessionOnNode.size() < NODES.count(); i++) {
            String user = one.createUser(name());
            String session = newSession(user);
            sessionOnNode.put(NODES.hostOf(user), session);
        }
        assertThat(sessionOnNode.keySet()).containsExactlyInAnyOrder(0, 1, 2);
        for (Client asked : all()) {
            for (int node = 0; node < NODES.count(); node++) {
                one.append(sessionOnNode.getOrDefault(node, ""), "on node " + node)
                        .expect(201);
                assertThat(unflushed(node)).isPositive();
            }
            int flushed = asked.post("/buffer/flush", Map.of())
                    .expect(200)
                    .data()
                    .path("sessions")
                    .asInt();
            assertThat(flushed).isGreaterThanOrEqualTo(NODES.count());
            for (int node = 0; node < NODES.count(); node++) {
                assertThat(unflushed(node)).isZero();
                assertThat(one.buffered(sessionOnNode.getOrDefault(node, ""))).isEmpty();
            }
            assertThat(journaledAndNotFlushed(sessionOnNode.values())).isZero();
        }
    }

    private int unflushed(int node) throws IOException {
        return NODES.clients()
                .get(node)
                .get("/stats")
                .expect(200)
                .data()
                .at("/stats/messages_unflushed")
                .asInt();
    }

    private static int journaledAndNotFlushed(Collection<String> sessions) throws SQLException {
        try (Connection connection = NODES.connect();
                PreparedStatement statement = connection.prepareStatement("SELECT count(*) FROM event_journal"
                        + " WHERE adapter_manifest = '' AND persistence_id = ANY (?)")) {
            Object[] ids = sessions.stream().map(id -> "session|" + id).toArray();
            statement.setArray(1, connection.createArrayOf("text", ids));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        }
    }

    private String name() {
        return "user-" + Integer.toHexString(RANDOM.nextInt());
    }

    /** Made through any node. */
    private String newSession(String userId) throws IOException {
        Client any = all().get(RANDOM.nextInt(all().size()));
        return any.createSession(userId, any.createAgent(name()));
    }

    private static List<String> contents(Client client, String userId, String query, @Nullable String storeType)
            throws IOException {
        Map<String, Object> asked = new HashMap<>(Map.of("query", query));
        asked.put("store_type", storeType);
        return client.post("/users/" + userId + "/query", asked).expect(200).texts("results", "content");
    }

    private static List<String> facts(Client client, String userId) throws IOException {
        return client.get("/users/" + userId + "/facts").expect(200).texts("facts", "object");
    }

    private static List<String> knowledge(Client client, String userId) throws IOException {
        return client.get("/users/" + userId + "/knowledge").expect(200).texts("knowledge", "content");
    }
}
