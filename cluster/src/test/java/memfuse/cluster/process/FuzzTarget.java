package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import memfuse.cluster.contract.Attack;
import memfuse.cluster.contract.Contract;
import memfuse.cluster.contract.RawRequest;
import memfuse.cluster.process.Client.Said;

/** A user, an agent and a session that one attacker has to itself, and what they must look like. */
final class FuzzTarget {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MESSAGES = "/sessions/{session_id}/messages";
    private static final String PREFIX = "/api/v1";
    private static final int MOST_MESSAGES = 60;

    /** What is looked at around each request that is refused, where the request may have to do with it. */
    private static final Map<String, String> WATCHED = Map.of(
            "/users/{user_id}",
            "",
            "/users/{user_id}/api-keys",
            "",
            "/users/{user_id}/knowledge",
            "",
            "/sessions",
            "?user_id={user_id}",
            "/sessions/{session_id}",
            "",
            MESSAGES,
            "?limit=100&order=asc");

    private final Client client;
    private final Set<String> readable;
    private final Map<String, String> ids;
    private Map<String, JsonNode> seen = Map.of();

    private FuzzTarget(Client client, Set<String> readable, Map<String, String> ids) {
        this.client = client;
        this.readable = readable;
        this.ids = ids;
    }

    /** One with a few messages, the ids of which are those of the examples. */
    static FuzzTarget create(Client client, Contract contract) throws IOException {
        String name = "target " + COUNT.incrementAndGet();
        String user = client.createUser(name);
        String agent = client.createAgent(name);
        String session = client.createSession(user, agent);
        List<Said> said = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            said.add(new Said("01980f2e-7c1a-7a10-8000-00000000000" + i, "What was said before, number " + i + "."));
        }
        client.appendPatiently(session, said);
        Set<String> readable = new TreeSet<>();
        contract.operations().stream()
                .filter(one -> one.method().equals("GET"))
                .forEach(one -> readable.add(one.path()));
        FuzzTarget target =
                new FuzzTarget(client, readable, Map.of("user_id", user, "agent_id", agent, "session_id", session));
        target.look();
        return target;
    }

    Map<String, String> ids() {
        return ids;
    }

    private void look() throws IOException {
        seen = new TreeMap<>();
        for (String path : WATCHED.keySet()) {
            look(path, seen);
        }
    }

    private void look(String path, Map<String, JsonNode> into) throws IOException {
        if (readable.contains(PREFIX + path)) {
            into.put(path, client.get(put(path + WATCHED.get(path))).body());
        }
    }

    private String put(String path) {
        String put = path;
        for (var id : ids.entrySet()) {
            put = put.replace("{" + id.getKey() + "}", id.getValue());
        }
        return put;
    }

    /** A request was refused: nothing has changed. */
    void refused(Attack attack) throws IOException {
        Map<String, JsonNode> now = new TreeMap<>();
        String attacked = attack.operation().path().replaceFirst("^" + PREFIX, "");
        for (String path : WATCHED.keySet()) {
            boolean mayAdd = path.equals("/sessions") && attacked.startsWith("/users/{user_id}/");
            if (path.equals(MESSAGES) || attacked.startsWith(path) || mayAdd) {
                look(path, now);
            }
        }
        now.forEach((path, body) ->
                assertThat(body).as("%s after %s was refused", path, attack).isEqualTo(seen.get(path)));
    }

    /**
     * A request was carried out: what it says of messages is there as a whole.
     *
     * @return whether this is still worth attacking
     */
    boolean accepted(Attack attack, RawRequest request, JsonNode answer) throws IOException {
        String path = attack.operation().path();
        boolean gone = request.method().equals("DELETE") && path.endsWith("}");
        if (gone) {
            return false;
        }
        if (attack.reaches()
                && path.equals(PREFIX + MESSAGES)
                && !request.method().equals("DELETE")) {
            String field = request.method().equals("POST") ? "messages" : "new_messages";
            assertStored(attack, JSON.readTree(request.body()).path(field), answer.at("/data/message_ids"));
        }
        look();
        return seen.getOrDefault(MESSAGES, JSON.nullNode()).at("/data/messages").size() < MOST_MESSAGES;
    }

    private void assertStored(Attack attack, JsonNode sent, JsonNode answeredIds) throws IOException {
        assertThat(answeredIds).as("%s", attack).hasSameSizeAs(sent);
        JsonNode read = client.post(put(MESSAGES) + "/read", Map.of("message_ids", answeredIds))
                .expect(200)
                .data()
                .path("messages");
        for (int i = 0; i < sent.size(); i++) {
            assertThat(read.path(i).path("content"))
                    .as("%s", attack)
                    .isEqualTo(sent.path(i).path("content"));
            assertThat(read.path(i).path("role"))
                    .as("%s", attack)
                    .isEqualTo(sent.path(i).path("role"));
        }
    }

    /** A request got no answer, and may have been carried out; whether there is still something to attack. */
    boolean unanswered() throws IOException {
        look();
        return seen.getOrDefault(MESSAGES, JSON.nullNode()).path("code").asInt() == 200;
    }

    /** The messages are now as they were seen last. */
    void assertKept(Client now) throws IOException {
        Answer answer = now.get(put(MESSAGES) + "?limit=100&order=asc");
        assertThat(answer.body()).isEqualTo(seen.get(MESSAGES));
    }
}
