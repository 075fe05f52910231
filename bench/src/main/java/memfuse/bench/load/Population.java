package memfuse.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import memfuse.bench.wire.ApiClient;

/** Users with their sessions, made over the API. */
record Population(List<Member> sessions) {
    /** A session and whose it is. */
    record Member(String userId, String sessionId) {}

    Population {
        sessions = List.copyOf(sessions);
    }

    /**
     * Makes them all.
     *
     * @param name distinguishes them from other populations of the same server
     */
    static Population create(InetSocketAddress address, String name, int users, int sessionsOfEach) throws IOException {
        List<Member> sessions = new ArrayList<>();
        try (ApiClient api = ApiClient.open(address)) {
            String agent = api.createAgent(name);
            for (int i = 0; i < users; i++) {
                String user = api.createUser(name + "-" + i);
                for (int j = 0; j < sessionsOfEach; j++) {
                    sessions.add(new Member(user, api.createSession(user, agent)));
                }
            }
        }
        return new Population(sessions);
    }

    /** For each session the requests that append a message each, different ones everywhere. */
    List<List<byte[]>> appendRequests(long seed, int ofEach) {
        ChatTexts texts = new ChatTexts(seed);
        List<List<byte[]>> requests = new ArrayList<>();
        for (Member member : sessions) {
            requests.add(texts.next(ofEach).stream()
                    .map(text -> ApiClient.appendRequest(member.sessionId(), text))
                    .toList());
        }
        return requests;
    }
}
