package memfuse.cluster.process;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Sessions of one user for the writers that share them: the n-th is the same for all who ask. */
final class SessionGroup {
    private final String userId;
    private final String agentId;
    private final Map<Integer, String> sessionIds = new ConcurrentHashMap<>();

    SessionGroup(String userId, String agentId) {
        this.userId = userId;
        this.agentId = agentId;
    }

    String userId() {
        return userId;
    }

    /** The session's id; empty when the server refuses for now to make it. Who waits for an answer keeps nobody else. */
    Optional<String> sessionId(Client client, int number) throws IOException {
        String known = sessionIds.get(number);
        if (known != null) {
            return Optional.of(known);
        }
        Answer answer = client.post("/sessions", Client.session(userId, agentId));
        if (answer.refusedForNow()) {
            return Optional.empty();
        }
        String made = answer.expect(201).data().path("session").path("id").asText();
        String sooner = sessionIds.putIfAbsent(number, made);
        return Optional.of(sooner == null ? made : sooner);
    }
}
