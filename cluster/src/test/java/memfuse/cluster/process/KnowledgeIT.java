package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Knowledge in a server that is killed: what was written is there, and is found by words and by meaning. */
class KnowledgeIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private static final int ITEMS = 20;

    @RegisterExtension
    final Scene scene = new Scene();

    @Test
    void findsWhatWasChangedJustBeforeAKillByWordsAndByMeaning() throws Exception {
        DataDirectory data = scene.newDataDirectory();
        Launch launch = Launch.in(data.path());
        ServerProcess server = scene.start(launch);
        Client client = server.client();
        String userId = client.createUser("ann");
        String knowledge = "/users/" + userId + "/knowledge";
        List<String> contents = new ArrayList<>();
        for (int i = 0; i < ITEMS; i++) {
            contents.add("The bookkeeping of branch office number " + i + " was closed on a Friday.");
        }
        JsonNode ids = client.post(knowledge, Map.of("knowledge", contents))
                .expect(201)
                .data()
                .path("knowledge_ids");
        String first = ids.path(0).asText();
        String last = ids.path(ITEMS - 1).asText();
        assertThat(client.query(userId, "bookkeeping branch office number 0", 5))
                .extracting(Client.Shown::id)
                .contains(first);
        try (Connection database = data.connect();
                Statement statement = database.createStatement()) {
            Await.until("all is embedded", LIMIT, () -> waiting(statement) == 0);
            dropVectors(statement);
            change(client, knowledge, first, "A veterinarian examines sick kittens and puppies.");
            change(client, knowledge, last, "The violinist rehearses a sonata.");
            assertThat(found(client, userId, "veterinarian", "keyword")).containsExactly(first);

            server.kill9();
            assertThat(waiting(statement)).isEqualTo(2);
            statement.execute("DROP TRIGGER drop_vectors ON knowledge_units");
        }
        Client again = scene.start(launch).client();
        assertThat(found(again, userId, "veterinarian", "keyword")).containsExactly(first);
        assertThat(found(again, userId, "bookkeeping branch office number 0", "keyword"))
                .doesNotContain(first);
        Await.until(
                "the changed items are found by their meaning",
                LIMIT,
                () -> isBest(again, userId, "doctor for animals", first)
                        && isBest(again, userId, "classical music", last));
        assertThat(again.get(knowledge).expect(200).data().path("knowledge")).hasSize(ITEMS);

        assertThat(again.delete("/users/" + userId, Map.of()).status()).isEqualTo(204);
        Answer receipt = again.get("/erasures/" + userId).expect(200);
        assertThat(receipt.data().at("/erasure/counts/knowledge").asInt()).isEqualTo(ITEMS);
    }

    /** Vectors do not get into the database, so that the kill comes before them. */
    private static void dropVectors(Statement statement) throws SQLException {
        statement.execute(
                "CREATE FUNCTION drop_vectors() RETURNS trigger LANGUAGE plpgsql AS" + " $$ BEGIN RETURN NULL; END $$");
        statement.execute("CREATE TRIGGER drop_vectors BEFORE UPDATE ON knowledge_units FOR EACH ROW"
                + " EXECUTE FUNCTION drop_vectors()");
    }

    /** Units of knowledge that wait for their vector. */
    private static int waiting(Statement statement) throws SQLException {
        try (ResultSet count =
                statement.executeQuery("SELECT count(*) FROM knowledge_units WHERE pending_since IS NOT NULL")) {
            count.next();
            return count.getInt(1);
        }
    }

    private static void change(Client client, String knowledge, String id, String content) throws IOException {
        Answer changed = client.put(knowledge, Map.of("knowledge_ids", List.of(id), "new_knowledge", List.of(content)));
        assertThat(changed.expect(200).data().at("/knowledge_ids/0").asText()).isEqualTo(id);
    }

    private static boolean isBest(Client client, String userId, String query, String id) throws IOException {
        List<String> ids = found(client, userId, query, "vector");
        return !ids.isEmpty() && ids.get(0).equals(id);
    }

    /** Ids of what is found, best first. */
    private static List<String> found(Client client, String userId, String query, String storeType) throws IOException {
        Answer answer = client.postPatiently(
                "/users/" + userId + "/query", Map.of("query", query, "top_k", 3, "store_type", storeType));
        List<String> ids = new ArrayList<>();
        answer.expect(200)
                .data()
                .path("results")
                .forEach(result -> ids.add(result.path("id").asText()));
        return ids;
    }
}
