package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import memfuse.cluster.contract.Contract;
import memfuse.cluster.contract.LineAttacks;
import memfuse.cluster.contract.Operation;
import memfuse.cluster.contract.RawRequest;
import memfuse.cluster.process.Client.Said;
import memfuse.cluster.process.Client.Shown;

/** A user whom nobody attacks, with messages in the layers and in the buffers, changed and removed ones among them. */
final class FuzzWitness {
    private static final int FLUSHED = 8;
    private static final int BUFFERED = 4;
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final String userId;
    private final String sessionId;
    private final List<Shown> said = new ArrayList<>();
    private final JsonNode user;
    private final JsonNode session;

    private FuzzWitness(String userId, String sessionId, JsonNode user, JsonNode session) {
        this.userId = userId;
        this.sessionId = sessionId;
        this.user = user;
        this.session = session;
    }

    static FuzzWitness create(Client client, Random random) throws IOException {
        String user = client.createUser("witness");
        String session = client.createSession(user, client.createAgent("witness"));
        FuzzWitness witness = new FuzzWitness(
                user,
                session,
                client.get("/users/" + user).body(),
                client.get("/sessions/" + session).body());
        Prose prose = new Prose(random);
        for (int i = 0; i < FLUSHED + BUFFERED; i++) {
            if (i == FLUSHED) {
                client.flush();
            }
            Shown message = new Shown("w" + i, "witness" + i + " " + prose.sentence());
            client.appendPatiently(session, List.of(new Said(message.id(), message.content())));
            witness.said.add(message);
        }
        for (int changed : new int[] {2, FLUSHED + 1}) {
            Shown after = new Shown("w" + changed, "changed" + changed + " " + prose.sentence());
            client.put(
                            Client.messages(session),
                            Map.of(
                                    "message_ids",
                                    List.of(after.id()),
                                    "new_messages",
                                    List.of(Map.of("role", "user", "content", after.content()))))
                    .expect(200);
            witness.said.set(changed, after);
        }
        for (int removed : new int[] {FLUSHED + 2, 4}) {
            client.delete(Client.messages(session), Map.of("message_ids", List.of("w" + removed)))
                    .expect(200);
            witness.said.remove(removed);
        }
        return witness;
    }

    /** Files of lines that operations give of this user, by what each line is. */
    Map<JsonNode, byte[]> files(Contract contract, URI api) throws IOException {
        Map<JsonNode, byte[]> files = new HashMap<>();
        try (RawHttp http = new RawHttp(api, LIMIT)) {
            for (Operation operation : contract.operations()) {
                JsonNode line = LineAttacks.given(operation);
                if (!line.isMissingNode()) {
                    String path = operation.path().replace("{user_id}", userId).replace("{session_id}", sessionId);
                    RawRequest request = new RawRequest("GET", path, List.of(), new byte[0], true);
                    files.put(line, http.send(request).orElseThrow().body().getBytes(StandardCharsets.UTF_8));
                }
            }
        }
        return files;
    }

    /** Everything is as it was, and is found. */
    void assertUnharmed(Client client) throws IOException {
        assertThat(client.history(sessionId)).isEqualTo(said);
        assertThat(client.get("/users/" + userId).body()).isEqualTo(user);
        assertThat(client.get("/sessions/" + sessionId).body()).isEqualTo(session);
        for (Shown message : List.of(said.get(2), said.get(said.size() - 1))) {
            assertThat(client.query(userId, message.content(), 100))
                    .containsOnlyOnce(message)
                    .startsWith(message);
        }
    }
}
