package memfuse.bench.recall;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import memfuse.bench.recall.Conversation.Question;
import memfuse.bench.recall.Conversation.Turn;
import memfuse.bench.wire.ApiClient;
import memfuse.bench.wire.ApiClient.Progress;
import memfuse.bench.wire.ApiClient.SpokenMessage;

/**
 * A conversation in the memory of a user of the server: its sessions, and each turn as a message of its own, with its
 * speaker, its time and its id.
 */
final class ServedConversation {
    /** As deep as a server answers by default; the fused rankings are made of so many hits of each. */
    private static final int TOP_K = 100;

    private final ApiClient api;
    private final Conversation conversation;
    private final String userId;
    private final Map<Integer, String> sessionIds = new LinkedHashMap<>();

    private ServedConversation(ApiClient api, Conversation conversation, String userId) {
        this.api = api;
        this.conversation = conversation;
        this.userId = userId;
    }

    /** Tells the server all of it, turn by turn. */
    static ServedConversation write(ApiClient api, String agentId, String userName, Conversation conversation)
            throws IOException {
        var served = new ServedConversation(api, conversation, api.createUser(userName));
        for (Turn turn : conversation.turns()) {
            String sessionId = served.sessionIds.get(turn.session());
            if (sessionId == null) {
                sessionId = api.createSession(served.userId, agentId, "session " + turn.session());
                served.sessionIds.put(turn.session(), sessionId);
            }
            api.append(sessionId, new SpokenMessage(turn.id(), turn.speaker(), turn.text(), turn.saidAt()));
        }
        return served;
    }

    Conversation conversation() {
        return conversation;
    }

    /** Messages that are not in M1 yet, with their embeddings. */
    long pending() throws IOException {
        long pending = 0;
        for (String sessionId : sessionIds.values()) {
            Progress progress = api.progress(sessionId);
            pending += progress.journaled() - progress.m1();
        }
        return pending;
    }

    /** Asks as an agent does. */
    Answer ask(Question question) throws IOException {
        long start = System.nanoTime();
        JsonNode hits = api.query(userId, question.text(), TOP_K);
        return answer(hits, System.nanoTime() - start);
    }

    /** Asks one kind of store alone. */
    Answer ask(Question question, String storeType) throws IOException {
        long start = System.nanoTime();
        JsonNode hits = api.query(userId, question.text(), TOP_K, storeType);
        return answer(hits, System.nanoTime() - start);
    }

    /**
     * What the server answered.
     *
     * @param turns ids, best first
     * @param byMeaning whether any turn was compared with the question by their embeddings
     */
    record Answer(List<String> turns, boolean byMeaning, long nanos) {}

    private static Answer answer(JsonNode hits, long nanos) {
        List<String> turns = new ArrayList<>();
        boolean byMeaning = false;
        for (JsonNode hit : hits) {
            turns.add(hit.path("id").asText());
            JsonNode retrieval = hit.path("metadata").path("retrieval");
            byMeaning |= retrieval.path("similarity").asDouble() != 0;
        }
        return new Answer(turns, byMeaning, nanos);
    }
}
