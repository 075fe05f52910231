package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import memfuse.cluster.process.Client.Said;
import memfuse.cluster.process.Client.Shown;
import org.jspecify.annotations.Nullable;

/** A user with a message that is changed or deleted, and others that stay; and everything that must show it. */
final class EditedMemory {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    /** A message and itself mean the same; two different ones do not. */
    private static final double THE_SAME = 0.97;

    private static final double ANOTHER = 0.8;

    private static final Shown OLD = new Shown("edited", "The xylophone lesson is every Monday at the music school.");
    private static final Shown NEW = new Shown("edited", "My grandmother bakes marzipan cake for the birthday party.");
    private static final Shown STAYS = new Shown("stays", "A neighbour of ours repairs old bicycles in the garage.");

    private final String userId;
    private final String sessionId;
    private final boolean deleted;
    private final List<Shown> fillers = new ArrayList<>();
    private boolean edited;

    private EditedMemory(String userId, String sessionId, boolean deleted) {
        this.userId = userId;
        this.sessionId = sessionId;
        this.deleted = deleted;
    }

    /** With the message that is to be edited, one that stays, and so many rounds after them. */
    static EditedMemory create(Client client, String name, boolean deleted, int roundsAfter) throws IOException {
        String userId = client.createUser(name);
        String sessionId = client.createSession(userId, client.createAgent(name));
        EditedMemory memory = new EditedMemory(userId, sessionId, deleted);
        client.appendPatiently(
                sessionId, List.of(new Said(OLD.id(), OLD.content()), new Said(STAYS.id(), STAYS.content())));
        for (int i = 0; i < roundsAfter; i++) {
            Shown filler = new Shown("filler" + i, "Filler number " + i + ".");
            client.appendPatiently(sessionId, List.of(new Said(filler.id(), filler.content())));
            memory.fillers.add(filler);
        }
        return memory;
    }

    /** How far the messages of the session have come. */
    JsonNode watermarks(Client client) throws IOException {
        return client.get("/sessions/" + sessionId + "/watermarks")
                .expect(200)
                .data()
                .path("watermarks");
    }

    String sessionId() {
        return sessionId;
    }

    void edit(Client client) throws IOException {
        String path = Client.messages(sessionId);
        List<String> ids = List.of(OLD.id());
        Answer answer = deleted
                ? client.delete(path, Map.of("message_ids", ids))
                : client.put(
                        path,
                        Map.of(
                                "message_ids",
                                ids,
                                "new_messages",
                                List.of(Map.of("role", "user", "content", NEW.content()))));
        assertThat(answer.expect(200).data().path("message_ids").path(0).asText())
                .isEqualTo(OLD.id());
        edited = true;
    }

    private Optional<Shown> now() {
        return !edited ? Optional.of(OLD) : deleted ? Optional.empty() : Optional.of(NEW);
    }

    /** History, reads and every kind of query say what the message is now; each query twice, the second time remembered. */
    void check(Client client) throws IOException {
        List<Shown> expected = new ArrayList<>();
        now().ifPresent(expected::add);
        expected.add(STAYS);
        expected.addAll(fillers);
        assertThat(client.history(sessionId)).isEqualTo(expected);

        Answer read = client.post(Client.messages(sessionId) + "/read", Map.of("message_ids", List.of(OLD.id())));
        assertThat(read.status()).isEqualTo(now().isPresent() ? 200 : 404);
        now().ifPresent(message ->
                assertThat(read.data().at("/messages/0/content").asText()).isEqualTo(message.content()));

        for (int time = 0; time < 2; time++) {
            for (Shown text : List.of(OLD, NEW)) {
                boolean there = now().equals(Optional.of(text));
                String word = text.equals(OLD) ? "xylophone" : "marzipan";
                for (List<String> found : List.of(
                        contents(query(client, word, "keyword")), contents(query(client, text.content(), null)))) {
                    if (there) {
                        assertThat(found).startsWith(text.content()).containsOnlyOnce(text.content());
                    } else {
                        assertThat(found).doesNotContain(text.content());
                    }
                }
            }
            assertThat(contents(query(client, STAYS.content(), null))).first().isEqualTo(STAYS.content());
        }
    }

    /** Once it is embedded, the memory is near what the message means now, and far from what it meant. */
    void checkMeaning(Client client) {
        Await.until("the embeddings are those of now", LIMIT, () -> {
            for (Shown text : List.of(OLD, NEW)) {
                boolean there = now().equals(Optional.of(text));
                double nearest = 0;
                for (JsonNode hit : query(client, text.content(), "vector")) {
                    nearest = Math.max(
                            nearest, hit.at("/metadata/retrieval/similarity").asDouble());
                }
                if (there ? nearest < THE_SAME : nearest > ANOTHER) {
                    return false;
                }
            }
            return true;
        });
    }

    private JsonNode query(Client client, String text, @Nullable String storeType) throws IOException {
        Map<String, @Nullable Object> query = new HashMap<>(Map.of("query", text, "top_k", 100));
        query.put("store_type", storeType);
        return client.postPatiently("/users/" + userId + "/query", query)
                .expect(200)
                .data()
                .path("results");
    }

    private static List<String> contents(JsonNode results) {
        List<String> contents = new ArrayList<>();
        results.forEach(hit -> contents.add(hit.get("content").asText()));
        return contents;
    }

    /** Rows that there must be of the session in M0, and in M1 likewise. */
    int rows() {
        return (now().isPresent() ? 1 : 0) + 1 + fillers.size();
    }
}
