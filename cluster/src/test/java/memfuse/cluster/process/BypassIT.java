package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import memfuse.cluster.process.Client.Said;
import memfuse.cluster.process.Client.Shown;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Buffers are off: what is answered is in the layers, without the journal's help. */
class BypassIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final int ROUNDS = 20;
    private static final int WRITERS = 8;
    private static final int ACKNOWLEDGEMENTS = 300;

    @RegisterExtension
    final Scene scene = new Scene();

    private final Seed seed = Seed.of(BypassIT.class);

    /** With the settings file that MemFuse users have. */
    private Launch launch(DataDirectory data) throws IOException {
        Path settings = scene.directory().resolve("memfuse.yaml");
        Files.writeString(settings, "buffer:\n  enabled: false\n");
        return Launch.in(data.path()).wordsOnly().withArguments("--config", settings.toString());
    }

    @Test
    void hasEveryRoundInTheLayersWhenItIsAnswered() throws Exception {
        DataDirectory data = scene.newDataDirectory();
        Client client = scene.start(launch(data)).client();
        assertThat(client.get("/health").data().at("/config/buffer_enabled")).hasToString("false");
        String user = client.createUser("user");
        String session = client.createSession(user, client.createAgent("agent"));
        Prose prose = new Prose(seed.random(0));
        List<Shown> history = new ArrayList<>();
        try (Connection database = data.connect()) {
            for (int i = 1; i <= ROUNDS; i++) {
                Shown said = new Shown("m" + i, "word" + i + " " + prose.sentence());
                JsonNode answer = client.append(session, List.of(new Said(said.id(), said.content())))
                        .expect(201)
                        .data();
                history.add(said);
                assertThat(rows(database, "messages", session)).isEqualTo(i);
                assertThat(rows(database, "memory_units", session)).isEqualTo(i);
                assertThat(answer.get("buffer_status")).allMatch(count -> count.asInt() == 0);
                assertThat(answer.get("transfer_triggered").asBoolean()).isFalse();
                assertThat(answer.get("total_messages").asInt()).isEqualTo(i);
                for (String mark : List.of("journaled", "transferred", "m0")) {
                    assertThat(answer.at("/watermarks/" + mark).asInt()).isEqualTo(i);
                }
                assertThat(client.history(session)).isEqualTo(history);
                assertThat(client.buffered(session)).isEmpty();
                JsonNode hit = client.post("/users/" + user + "/query", Map.of("query", said.content()))
                        .expect(200)
                        .data()
                        .at("/results/0");
                assertThat(hit.get("id").asText()).isEqualTo(said.id());
                assertThat(hit.at("/metadata/level").asInt()).isEqualTo(1);
            }
        }
        client.flush();
        assertThat(client.history(session)).isEqualTo(history);
    }

    @Test
    void hasEveryChangeInTheLayersWhenItIsAnswered() throws Exception {
        DataDirectory data = scene.newDataDirectory();
        Client client = scene.start(launch(data)).client();
        String user = client.createUser("user");
        String session = client.createSession(user, client.createAgent("agent"));
        client.append(
                        session,
                        List.of(
                                new Said("changed", "An xylophone."),
                                new Said("deleted", "A walrus."),
                                new Said("stays", "An onion.")))
                .expect(201);
        assertThat(client.query(user, "xylophone", 10)).startsWith(new Shown("changed", "An xylophone."));
        assertThat(client.query(user, "walrus", 10)).startsWith(new Shown("deleted", "A walrus."));

        client.put(
                        Client.messages(session),
                        Map.of(
                                "message_ids",
                                List.of("changed"),
                                "new_messages",
                                List.of(Map.of("role", "user", "content", "A cello."))))
                .expect(200);
        try (Connection database = data.connect()) {
            assertThat(contents(database, session)).containsExactly("A cello.", "A walrus.", "An onion.");
            client.delete(Client.messages(session), Map.of("message_ids", List.of("deleted")))
                    .expect(200);
            assertThat(contents(database, session)).containsExactly("A cello.", "An onion.");
            assertThat(rows(database, "memory_units", session)).isEqualTo(2);
        }
        assertThat(client.query(user, "xylophone", 10))
                .extracting(Shown::content)
                .doesNotContain("An xylophone.");
        assertThat(client.query(user, "walrus", 10)).extracting(Shown::content).doesNotContain("A walrus.");
        assertThat(client.query(user, "cello", 10)).startsWith(new Shown("changed", "A cello."));
        assertThat(client.history(session))
                .containsExactly(new Shown("changed", "A cello."), new Shown("stays", "An onion."));

        client.delete("/sessions/" + session, Map.of()).expect(200);
        try (Connection database = data.connect()) {
            assertThat(contents(database, session)).isEmpty();
        }
        client.get(Client.messages(session)).expect(404);
    }

    @Test
    void answersNothingThatTheDatabaseStillHoldsUp() throws Exception {
        DataDirectory data = scene.newDataDirectory();
        Launch patient = launch(data).with("memfuse.ask-timeout", "50s").with("memfuse.http.request-timeout", "55s");
        Client client = scene.start(patient).client();
        String user = client.createUser("user");
        String session = client.createSession(user, client.createAgent("agent"));
        client.append(session, "The first one.").expect(201);
        List<CompletableFuture<Answer>> later = new ArrayList<>();
        try (Connection database = data.connect();
                Statement statement = database.createStatement()) {
            database.setAutoCommit(false);
            statement.execute("LOCK TABLE messages IN EXCLUSIVE MODE");
            for (int i = 0; i < 3; i++) {
                later.add(client.appendLater(session, List.of(new Said("m" + i, "Held up number " + i))));
                String id = "m" + i;
                Await.until(
                        "it is known",
                        LIMIT,
                        () -> client.history(session).stream()
                                .anyMatch(shown -> shown.id().equals(id)));
            }
            later.add(client.appendLater(session, List.of(new Said("m0", "Held up number 0"))));
            assertThat(client.query(user, "held", 10)).hasSizeGreaterThanOrEqualTo(3);
            assertThat(later).noneMatch(CompletableFuture::isDone);
            database.rollback();
        }
        for (CompletableFuture<Answer> answer : later) {
            answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS).expect(201);
        }
        assertThat(client.history(session)).hasSize(4);
        assertThat(client.buffered(session)).isEmpty();
    }

    @Test
    void needsNoReplayAfterAKill() throws Exception {
        DataDirectory data = scene.newDataDirectory();
        Launch launch = launch(data);
        ServerProcess server = scene.start(launch);
        Client client = server.client();
        String agent = client.createAgent("agent");
        List<Writer> writers = new ArrayList<>();
        List<Kill9.Work> writing = new ArrayList<>();
        SessionGroup sessions = new SessionGroup(client.createUser("user"), agent);
        for (int w = 0; w < WRITERS; w++) {
            sessions = w % 2 == 0 ? new SessionGroup(client.createUser("user " + w), agent) : sessions;
            Writer writer = new Writer("w" + w, sessions, 40, seed.random(w + 1));
            writers.add(writer);
            writing.add((goOn, onAcknowledged) -> writer.run(client, goOn, onAcknowledged));
        }

        Kill9.after(ACKNOWLEDGEMENTS, server, writing);

        List<Transcript> all = writers.stream()
                .flatMap(writer -> writer.transcripts().stream())
                .toList();
        try (Connection database = data.connect()) {
            Verdict stored = Archive.stored(database, all);
            System.out.println("BypassIT: stored at the kill " + stored);
            assertThat(stored).matches(Verdict::isFaultless);
            assertThat(stored.acknowledged()).isGreaterThanOrEqualTo(ACKNOWLEDGEMENTS);
        }
        Client again = scene.start(launch).client();
        assertThat(Archive.shown(again, all)).matches(Verdict::isFaultless);
    }

    private static int rows(Connection database, String table, String session) throws SQLException {
        String sql = "SELECT count(*) FROM " + table + " WHERE session_id = ?";
        try (PreparedStatement statement = database.prepareStatement(sql)) {
            statement.setString(1, session);
            try (ResultSet count = statement.executeQuery()) {
                count.next();
                return count.getInt(1);
            }
        }
    }

    private static List<String> contents(Connection database, String session) throws SQLException {
        List<String> contents = new ArrayList<>();
        try (PreparedStatement statement =
                database.prepareStatement("SELECT content FROM messages WHERE session_id = ? ORDER BY seq")) {
            statement.setString(1, session);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    contents.add(rows.getString(1));
                }
            }
        }
        return contents;
    }
}
