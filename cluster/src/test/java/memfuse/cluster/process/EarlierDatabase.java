package memfuse.cluster.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import memfuse.cluster.process.Client.Said;
import memfuse.cluster.process.Client.Shown;
import org.flywaydb.core.Flyway;

/**
 * A database as an earlier version left it when it was killed: its schema by the migrations of then, and its rows as that
 * version wrote them, with journaled rounds, changes and removals that no layer has yet.
 */
final class EarlierDatabase {
    /** The last migration that the version knew. */
    private static final String SCHEMA = "8";

    private static final Path ROWS =
            Path.of("..", "persistence", "src", "test", "resources", "database", "schema-8.sql");

    static final String ADMIN_KEY = "the-key-of-the-operator-0123456789";

    /** Of the user {@code ann}. */
    static final String ANNS_KEY = "a-key-of-an-earlier-version-0123456789";

    /** What {@code ann} said under a key before the flush, and what she said under one after it. */
    static final Said FLUSHED_UNDER_KEY = new Said("both-1", "The piano is out of tune.");

    static final Said JOURNALED_UNDER_KEY = new Said("journal-1", "The train leaves at nine.");

    /** What {@code bob} imported. */
    static final String IMPORTED = """
            {"type":"export","format":"memfuse-export","version":1}
            {"type":"agent","id":"a","name":"helper"}
            {"type":"session","id":"s","agent_id":"a","name":"imported"}
            {"type":"message","session_id":"s","seq":1,"id":"i-1","role":"user","content":"Rex is my dog."}
            {"type":"knowledge","id":"k","content":"Bob is a baker."}
            {"type":"end","agents":1,"sessions":1,"messages":1,"knowledge":1}
            """;

    /** The id of {@code carl}, who was erased. */
    private static final String CARL = "01980f2e-7c1a-7a10-8000-00000000000c";

    private static final Duration LIMIT = Duration.ofMinutes(1);

    private EarlierDatabase() {}

    /** Makes an empty database that one. */
    static void restore(RemoteDatabase database) throws IOException {
        Flyway.configure()
                .dataSource(database.jdbcUrl(), database.user(), database.password())
                .locations("classpath:db/migration")
                .target(SCHEMA)
                .load()
                .migrate();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(Files.readString(ROWS));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All of it is there, as it was acknowledged, through whichever node it is asked for. */
    static void assertIsThere(Client one, Client other, Client third) throws Exception {
        String ann = userId(one, "ann");
        assertKeyWorks(other, ann, userId(other, "bob"));
        Map<String, List<Shown>> histories = Map.of(
                "flushed",
                List.of(
                        new Shown("flushed-1", "I live in Lisbon."),
                        new Shown("flushed-2", "My sister visits me in May."),
                        new Shown("flushed-3", "The cat sleeps on the sofa.")),
                "both",
                List.of(
                        new Shown("both-1", FLUSHED_UNDER_KEY.content()),
                        new Shown("both-2", "The umbrella is blue."),
                        new Shown("both-4", "The violin is in tune.")),
                "journal",
                List.of(
                        new Shown("journal-1", JOURNALED_UNDER_KEY.content()),
                        new Shown("journal-2", "The ticket costs twelve."),
                        new Shown("journal-4", "é漢😀 is what the sign says.")));
        Map<String, String> sessions = new HashMap<>();
        for (String name : histories.keySet()) {
            sessions.put(name, sessionId(one, ann, name));
        }
        assertHistories(third, sessions, histories);
        assertAnsweredAsBefore(other, sessions.getOrDefault("both", ""), "before-the-flush", FLUSHED_UNDER_KEY);
        assertAnsweredAsBefore(third, sessions.getOrDefault("journal", ""), "in-the-journal", JOURNALED_UNDER_KEY);
        assertThat(one.query(ann, "umbrella", 5)).extracting(Shown::content).contains("The umbrella is blue.");
        assertThat(one.query(ann, "forgotten red", 20))
                .extracting(Shown::content)
                .doesNotContain("The umbrella is red.", "This is to be forgotten.", "To be forgotten as well.");
        assertThat(other.get("/users/" + ann + "/knowledge").expect(200).data().path("knowledge"))
                .hasSize(2);
        third.postBytes("/users/" + userId(third, "bob") + "/import", IMPORTED.getBytes(UTF_8))
                .expect(200);
        one.get("/users?name=carl").expect(404);
        other.get("/erasures/" + CARL).expect(200);

        one.flush();
        assertHistories(other, sessions, histories);
        Await.until(
                "what was said before there were facts has its facts",
                LIMIT,
                () -> third.get("/users/" + ann + "/facts")
                        .expect(200)
                        .texts("facts", "object")
                        .contains("Lisbon"));
        other.append(sessions.getOrDefault("journal", ""), "and goes on").expect(201);
        assertThat(third.history(sessions.getOrDefault("journal", "")))
                .hasSize(4)
                .last()
                .extracting(Shown::content)
                .isEqualTo("and goes on");
    }

    private static String userId(Client client, String name) throws IOException {
        return client.get("/users?name=" + name)
                .expect(200)
                .data()
                .at("/users/0/id")
                .asText();
    }

    private static String sessionId(Client client, String userId, String name) throws IOException {
        return client.get("/sessions?user_id=" + userId + "&name=" + name)
                .expect(200)
                .data()
                .at("/sessions/0/id")
                .asText();
    }

    private static void assertKeyWorks(Client client, String ann, String bob) throws IOException {
        Client asAnn = client.withKey(ANNS_KEY);
        asAnn.get("/users/" + ann).expect(200);
        asAnn.get("/users/" + bob).expect(403);
    }

    private static void assertHistories(Client client, Map<String, String> sessions, Map<String, List<Shown>> histories)
            throws IOException {
        for (Map.Entry<String, String> session : sessions.entrySet()) {
            assertThat(client.history(session.getValue()))
                    .as(session.getKey())
                    .isEqualTo(histories.get(session.getKey()));
        }
    }

    private static void assertAnsweredAsBefore(Client client, String sessionId, String key, Said said)
            throws Exception {
        Answer again = client.appendUnderKey(sessionId, key, List.of(said)).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertThat(again.expect(201).data().path("total_messages").asInt())
                .as("as it was when only that had been said")
                .isEqualTo(1);
        client.appendUnderKey(sessionId, key, List.of(new Said(said.id(), "something else")))
                .get(LIMIT.toSeconds(), TimeUnit.SECONDS)
                .expect(409);
    }
}
