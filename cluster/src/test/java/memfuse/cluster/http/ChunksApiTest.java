package memfuse.cluster.http;

import static memfuse.cluster.http.ApiServer.NOW;
import static memfuse.cluster.http.ApiServer.NOW_TEXT;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import memfuse.cluster.http.ApiServer.Answer;
import memfuse.cluster.http.access.AccessSettings;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.auth.Permissions;
import memfuse.protocol.directory.Session;
import memfuse.protocol.memory.Role;
import memfuse.protocol.memory.RoundId;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.user.Chunk;
import memfuse.protocol.user.ChunkRequest;
import memfuse.protocol.user.ChunkRequest.SortBy;
import memfuse.protocol.user.Hit;
import memfuse.protocol.user.UserProtocol.ChunksListed;
import memfuse.protocol.user.UserProtocol.ListChunks;
import memfuse.protocol.user.UserProtocol.Refused;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Chunks of sessions, of rounds and of users as a client sees them. */
class ChunksApiTest {
    private static final String OF_SESSION = "/api/v1/sessions/s1/chunks";
    private static final String OF_ROUND = "/api/v1/rounds/s1-4/chunks";
    private static final String STATS = "/api/v1/chunks/stats?user_id=u1";

    private final ApiServer server = new ApiServer();

    @AfterEach
    void stop() {
        server.close();
    }

    private ChunkRequest asked() {
        return ((ListChunks) server.gateway.onlyRequest()).page();
    }

    private static void assertError(Answer answer, int status, String field, String text) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.json().at("/errors/0/field").textValue()).isEqualTo(field);
        assertThat(answer.json().path("message").textValue()).isEqualTo(text);
    }

    @Test
    void showsChunks() {
        Session session = server.directory.session("s1").orElseThrow();
        Chunk chunk = new Chunk(
                new UnitKey("s1", 5, 1),
                new RoundId("s1", 4),
                session,
                "m5",
                Role.USER,
                "Ann",
                "tea",
                3,
                Hit.Layer.M1,
                true,
                NOW,
                NOW);
        server.gateway.next(new ChunksListed(List.of(chunk), 9));
        Answer answer = server.get(OF_SESSION + "/");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("message").textValue()).isEqualTo("Chunks retrieved successfully");
        assertThat(answer.json().path("data")).isEqualTo(ApiServer.parse("""
                {"chunks":[{"chunk_id":"s1-5-1","content":"tea","metadata":{
                   "user_id":"u1","agent_id":"a1","session_id":"s1","round_id":"s1-4","message_id":"m5","chunk":1,
                   "role":"user","name":"Ann","tokens":3,"source":"m1","embedded":true,
                   "created_at":"%1$s","updated_at":"%1$s"}}],
                 "total_count":9}""".formatted(NOW_TEXT)));
        assertThat(asked()).isEqualTo(new ChunkRequest("s1", null, 20, SortBy.TIMESTAMP, true));
        assertThat(server.gateway.asked.element().userId()).isEqualTo("u1");
    }

    @ParameterizedTest
    @CsvSource({
        "limit=1&sort_by=created_at&order=asc, 1, TIMESTAMP, false",
        "limit=100&sort_by=timestamp&order=desc, 100, TIMESTAMP, true",
        "sort_by=chunk_id, 20, ID, true",
        "sort_by=id, 20, ID, true"
    })
    void asksForThePageOfTheParameters(String query, int limit, SortBy sortBy, boolean descending) {
        assertThat(server.get(OF_ROUND + "?" + query).status()).isEqualTo(200);
        assertThat(asked()).isEqualTo(new ChunkRequest("s1", new RoundId("s1", 4), limit, sortBy, descending));
        server.gateway.reset();
        assertThat(server.get(STATS + "&session_id=s1&" + query).status()).isEqualTo(200);
        assertThat(asked()).isEqualTo(new ChunkRequest("s1", null, limit, sortBy, descending));
        server.gateway.reset();
        assertThat(server.get(STATS + "&" + query).status()).isEqualTo(200);
        assertThat(asked()).isEqualTo(new ChunkRequest(null, null, limit, sortBy, descending));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "limit=abc     | limit   | limit must be an integer from 1 to 100: limit=abc",
                "limit=0       | limit   | limit must be an integer from 1 to 100: limit=0",
                "limit=-1      | limit   | limit must be an integer from 1 to 100: limit=-1",
                "limit=101     | limit   | limit must be an integer from 1 to 100: limit=101",
                "sort_by=score | sort_by | sort_by must be created_at, timestamp, chunk_id or id: sort_by=score",
                "order=up      | order   | order must be asc or desc: order=up"
            })
    void refusesWhatAParameterCannotBe(String query, String field, String text) {
        assertError(server.get(OF_SESSION + "?" + query), 400, field, text);
        assertError(server.get(OF_ROUND + "?" + query), 400, field, text);
        assertError(server.get(STATS + "&" + query), 400, field, text);
        assertThat(server.gateway.asked).isEmpty();
    }

    @Test
    void doesNotKnowWhatIsNotThere() {
        assertError(server.get("/api/v1/sessions/s9/chunks"), 404, "session_id", "Session with ID 's9' not found");
        for (String round : List.of("s9-1", "s1", "s1-", "s1-x", "-1", "s1-0", "s1-99999999999999999999")) {
            assertError(
                    server.get("/api/v1/rounds/" + round + "/chunks"),
                    404,
                    "round_id",
                    "Round with ID '" + round + "' not found");
        }
        assertError(server.get("/api/v1/chunks/stats?user_id=u9"), 404, "user_id", "User with ID 'u9' not found");
        assertError(server.get(STATS + "&session_id=s9"), 404, "session_id", "Session with ID 's9' not found");
        assertError(server.get("/api/v1/chunks/stats"), 400, "user_id", "user_id must be the id of a user: user_id=");
        assertThat(server.gateway.asked).isEmpty();
        server.gateway.next(new Refused(ErrorCode.NOT_FOUND, "Round with ID 's1-4' not found", "round_id"));
        assertError(server.get(OF_ROUND), 404, "round_id", "Round with ID 's1-4' not found");
    }

    @Test
    void countsForAKeyWhatIsItsUsers() {
        try (ApiServer withKeys = new ApiServer(new AccessSettings(true, Optional.empty(), 0))) {
            String key = withKeys.newKey("u1", Permissions.READ);
            Answer answer = withKeys.sendAs(key, "GET", "/api/v1/chunks/stats", "");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.json().path("message").textValue()).isEqualTo("Chunk statistics retrieved successfully");
            assertThat(withKeys.gateway.asked.element().userId()).isEqualTo("u1");
            assertThat(withKeys.sendAs(key, "GET", "/api/v1/chunks/stats?user_id=u2", "")
                            .status())
                    .isEqualTo(403);
        }
    }
}
