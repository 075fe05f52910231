package memfuse.cluster.http;

import static memfuse.cluster.http.ApiServer.NOW;
import static memfuse.cluster.http.ApiServer.parse;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import memfuse.cluster.http.ApiServer.Answer;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.Session;
import memfuse.protocol.memory.HistoryRequest;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.NewMessage;
import memfuse.protocol.memory.Role;
import memfuse.protocol.session.SessionProtocol.AppendRound;
import memfuse.protocol.session.SessionProtocol.DeleteMessages;
import memfuse.protocol.session.SessionProtocol.ReadHistory;
import memfuse.protocol.session.SessionProtocol.ReadMessages;
import memfuse.protocol.session.SessionProtocol.UpdateMessages;
import memfuse.protocol.user.Hit;
import memfuse.protocol.user.QueryRequest;
import memfuse.protocol.user.UserProtocol.EraseSession;
import memfuse.protocol.user.UserProtocol.EraseUser;
import memfuse.protocol.user.UserProtocol.Hits;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import memfuse.protocol.user.UserProtocol.Query;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.RenameSession;
import memfuse.protocol.user.UserProtocol.ToSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every route as a client sees it: status and whole body, and what the user's actor is asked. */
class HttpApiTest {
    private static final String SESSION_S1 = """
            {"id":"s1","user_id":"u1","agent_id":"a1","name":"first",
             "created_at":"2026-01-31T10:20:30.123456Z","updated_at":"2026-01-31T10:20:30.123456Z"}""";
    private static final String ANN = """
            {"id":"u1","name":"ann","description":null,
             "created_at":"2026-01-31T10:20:30.123456Z","updated_at":"2026-01-31T10:20:30.123456Z"}""";

    private final ApiServer server = new ApiServer();

    @AfterEach
    void stop() {
        server.close();
    }

    private static void assertSuccess(Answer answer, int status, String message, String data) {
        assertThat(answer.json()).isEqualTo(parse("""
                        {"status":"success","code":%d,"data":%s,"message":"%s","errors":null}""".formatted(status, data, message)));
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header("content-type")).isEqualTo("application/json");
    }

    private static void assertError(Answer answer, int status, String field, String message) {
        assertThat(answer.json()).isEqualTo(parse("""
                        {"status":"error","code":%d,"data":null,"message":"%s",
                         "errors":[{"field":"%s","message":"%s"}]}""".formatted(status, message, field, message)));
        assertThat(answer.status()).isEqualTo(status);
    }

    private <T> T toSession(Class<T> expected) {
        ToSession request = (ToSession) server.gateway.onlyRequest();
        assertThat(request.sessionId()).isEqualTo("s1");
        assertThat(server.gateway.asked.element().userId()).isEqualTo("u1");
        return expected.cast(request.request());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/health", "/api/v1/health/", "/health"})
    void tellsHealthVersionAndConfig(String path) {
        assertSuccess(server.get(path), 200, "MemFuse is running", """
                {"status":"ok","version":"1.2.3","config":{"embedding_model":"none","buffer_enabled":true}}""");
    }

    @Test
    void isReadyOnlyWhenTheNodeSaysSo() {
        assertThat(server.get("/health/ready").status()).isEqualTo(200);
        server.notReady = Optional.of("the database does not answer");
        Answer answer = server.get("/api/v1/health/ready/");
        assertError(answer, 503, "general", "The server is not ready: the database does not answer");
        assertThat(answer.header("retry-after")).isEqualTo("1");
        assertThat(server.get("/health/live").status()).isEqualTo(200);
    }

    @Test
    void listsUsersAndFindsThemByName() {
        String users = "{\"users\":[" + ANN + "]}";
        assertSuccess(server.get("/api/v1/users"), 200, "Users retrieved successfully", users);
        assertSuccess(server.get("/api/v1/users/?name=ann"), 200, "Users retrieved successfully", users);
        assertError(server.get("/api/v1/users?name=bob"), 404, "name", "User with name 'bob' not found");
        assertError(server.get("/api/v1/users?name="), 404, "name", "User with name '' not found");
        assertError(server.get("/api/v1/agents?name=bob"), 404, "name", "Agent with name 'bob' not found");
    }

    @Test
    void takesAnUnescapedAmpersandInANameForTheEndOfIt() {
        assertError(server.get("/api/v1/users?name=A&B"), 404, "name", "User with name 'A' not found");
        assertError(server.get("/api/v1/users?name=A%26B+C"), 404, "name", "User with name 'A&B C' not found");
    }

    @ParameterizedTest
    @CsvSource({"users,user,User", "agents,agent,Agent"})
    void createsEntitiesOnceByName(String path, String key, String kind) {
        Answer created = server.post("/api/v1/" + path, "{\"name\":\"Zoë\",\"description\":null}");
        String id = created.json().at("/data/" + key + "/id").asText();
        assertThat(id).matches("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
        String entity = """
                {"id":"%s","name":"Zoë","description":null,"created_at":"%s","updated_at":"%s"}""".formatted(id, NOW, NOW);
        assertSuccess(created, 201, kind + " created successfully", "{\"" + key + "\":" + entity + "}");
        assertSuccess(
                server.get("/api/v1/" + path + "/" + id + "/"),
                200,
                kind + " retrieved successfully",
                "{\"" + key + "\":" + entity + "}");
        assertError(
                server.post("/api/v1/" + path + "/", "{\"name\":\"Zoë\"}"),
                400,
                "name",
                kind + " with name 'Zoë' already exists");
    }

    @Test
    void updatesOnlyWhatIsGiven() {
        Answer described = server.send("PUT", "/api/v1/agents/a1", "{\"name\":null,\"description\":\"new\"}");
        assertThat(described.json().at("/message").asText()).isEqualTo("Agent updated successfully");
        assertThat(described.json().at("/data/agent/name").asText()).isEqualTo("helper");
        assertThat(described.json().at("/data/agent/description").asText()).isEqualTo("new");
        assertThat(server.send("PUT", "/api/v1/users/u1", "{\"name\":\"anna\"}")
                        .json()
                        .at("/data/user/name")
                        .asText())
                .isEqualTo("anna");
        server.directory.create(EntityKind.USER, new Entity("u2", "bob", null, NOW, NOW));
        assertError(
                server.send("PUT", "/api/v1/users/u1", "{\"name\":\"bob\"}"),
                400,
                "name",
                "User with name 'bob' already exists");
        assertError(
                server.send("PUT", "/api/v1/users/nobody", "{}"), 404, "user_id", "User with ID 'nobody' not found");
    }

    @Test
    void deletesAUserThroughItsActorWithoutABody() {
        Answer answer = server.send("DELETE", "/api/v1/users/u1");
        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.body()).isEmpty();
        assertThat(server.gateway.onlyRequest()).isInstanceOf(EraseUser.class);
        assertError(server.send("DELETE", "/api/v1/users/u9"), 404, "user_id", "User with ID 'u9' not found");
    }

    @Test
    void deletesAnAgent() {
        assertSuccess(
                server.send("DELETE", "/api/v1/agents/a1"), 200, "Agent deleted successfully", "{\"agent_id\":\"a1\"}");
        assertError(server.send("DELETE", "/api/v1/agents/a1"), 404, "agent_id", "Agent with ID 'a1' not found");
    }

    @Test
    void listsSessionsByEachFilter() {
        String sessions = "{\"sessions\":[" + SESSION_S1 + "]}";
        for (String query : List.of("", "?user_id=u1", "?agent_id=a1&user_id=u1", "?name=first&user_id=u1")) {
            assertSuccess(server.get("/api/v1/sessions" + query), 200, "Sessions retrieved successfully", sessions);
        }
        assertSuccess(
                server.get("/api/v1/sessions?user_id=u2"), 200, "Sessions retrieved successfully", "{\"sessions\":[]}");
        assertError(
                server.get("/api/v1/sessions?name=first&user_id=u2"),
                404,
                "name",
                "Session with name 'first' not found");
    }

    @Test
    void createsASessionThroughTheUsersActor() {
        Answer created =
                server.post("/api/v1/sessions", "{\"user_id\":\"u1\",\"agent_id\":\"a1\",\"name\":\"second\"}");
        String id = created.json().at("/data/session/id").asText();
        assertSuccess(created, 201, "Session created successfully", """
                {"session":{"id":"%s","user_id":"u1","agent_id":"a1","name":"second",
                 "created_at":"%s","updated_at":"%s"}}""".formatted(id, NOW, NOW));
        assertThat(server.gateway.asked.element().userId()).isEqualTo("u1");
        assertError(
                server.post("/api/v1/sessions", "{\"user_id\":\"u1\",\"agent_id\":\"a1\",\"name\":\"second\"}"),
                400,
                "name",
                "Session with name 'second' already exists");
    }

    @Test
    void namesASessionAfterItsPartiesWhereTheCallerDoesNot() {
        Answer created = server.post("/api/v1/sessions", "{\"user_id\":\"u1\",\"agent_id\":\"a1\",\"name\":null}");
        assertThat(created.json().at("/data/session/name").asText()).matches("ann-helper-[0-9a-f]{8}");
    }

    @Test
    void createsNoSessionOfUnknownParties() {
        assertError(
                server.post("/api/v1/sessions", "{\"user_id\":\"u9\",\"agent_id\":\"a1\"}"),
                404,
                "user_id",
                "User with ID 'u9' not found");
        assertError(
                server.post("/api/v1/sessions", "{\"user_id\":\"u1\",\"agent_id\":\"a9\"}"),
                404,
                "agent_id",
                "Agent with ID 'a9' not found");
        assertThat(server.gateway.asked).isEmpty();
    }

    @Test
    void readsRenamesAndDeletesASession() {
        String data = "{\"session\":" + SESSION_S1 + "}";
        assertSuccess(server.get("/api/v1/sessions/s1"), 200, "Session retrieved successfully", data);
        assertSuccess(server.send("PUT", "/api/v1/sessions/s1", "{}"), 200, "Session updated successfully", data);
        assertThat(server.gateway.asked).isEmpty();
        assertSuccess(
                server.send("PUT", "/api/v1/sessions/s1/", "{\"name\":\"new\"}"),
                200,
                "Session updated successfully",
                data.replace("first", "new"));
        assertThat(server.gateway.onlyRequest()).isInstanceOf(RenameSession.class);
        server.gateway.reset();
        assertSuccess(
                server.send("DELETE", "/api/v1/sessions/s1"),
                200,
                "Session deleted successfully",
                "{\"session_id\":\"s1\"}");
        assertThat(server.gateway.onlyRequest()).isInstanceOf(EraseSession.class);
        for (String method : List.of("GET", "DELETE")) {
            assertError(
                    server.send(method, "/api/v1/sessions/s9"), 404, "session_id", "Session with ID 's9' not found");
        }
    }

    @Test
    void appendsMessagesAsOneRound() {
        Answer answer = server.post("/api/v1/sessions/s1/messages", """
                {"messages":[
                 {"role":"user","content":"Grüße 👋"},
                 {"id":"m-2","role":"assistant","name":"Bo","content":"hi","created_at":"2024-02-29T12:00:00+02:00",
                  "metadata":{"b": 1.50, "a": {"n": 12345678901234567890, "b": [true, null]}}}]}""");
        AppendRound round = toSession(AppendRound.class);
        NewMessage first = round.messages().get(0);
        assertThat(round.appendedAt()).isEqualTo(NOW);
        assertThat(first).isEqualTo(new NewMessage(first.id(), false, Role.USER, null, "Grüße 👋", null, null, 8));
        assertThat(round.messages().get(1))
                .isEqualTo(new NewMessage(
                        "m-2",
                        true,
                        Role.ASSISTANT,
                        "Bo",
                        "hi",
                        Instant.parse("2024-02-29T10:00:00Z"),
                        "{\"b\":1.50,\"a\":{\"n\":12345678901234567890,\"b\":[true,null]}}",
                        2));
        assertSuccess(answer, 201, "Messages added successfully", """
                {"message_ids":["%s","m-2"],"transfer_triggered":true,"total_messages":7,
                 "buffer_status":{"round_buffer_rounds":1,"round_buffer_tokens":20,"hybrid_buffer_rounds":2,
                  "flushing_rounds":3},
                 "watermarks":{"journaled":7,"transferred":5,"m0":4,"m1":3,"m2":0}}""".formatted(first.id()));
    }

    @Test
    void appendsNothingForAnEmptyListButKnowsTheSession() {
        assertThat(server.post("/api/v1/sessions/s1/messages", "{\"messages\":[]}")
                        .json()
                        .at("/data/message_ids"))
                .isEqualTo(parse("[]"));
        assertThat(toSession(AppendRound.class).messages()).isEmpty();
        assertError(
                server.post("/api/v1/sessions/s9/messages", "{\"messages\":[]}"),
                404,
                "session_id",
                "Session with ID 's9' not found");
    }

    @Test
    void asksTheDirectoryForASessionOnlyOnce() {
        String body = "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";
        assertThat(server.post("/api/v1/sessions/s1/messages", body).status()).isEqualTo(201);
        server.directory.renameSession("s1", "other", NOW);
        assertThat(server.post("/api/v1/sessions/s1/messages", body).status()).isEqualTo(201);
        assertThat(server.send("DELETE", "/api/v1/sessions/s1").status()).isEqualTo(200);
    }

    @Test
    void showsTheHistoryWithOptionalFieldsOnlyWhereGiven() {
        server.gateway.next(new MessagesRead(List.of(
                new Message("m1", 1, Role.USER, null, "hi", NOW, NOW, null, 1),
                new Message(
                        "m2",
                        2,
                        Role.SYSTEM,
                        "Bo",
                        "yo",
                        Instant.parse("0001-01-01T00:00:00Z"),
                        NOW,
                        "{\"k\":[1.0]}",
                        1))));
        Answer answer = server.get("/api/v1/sessions/s1/messages/?limit=100&sort_by=id&order=asc&buffer_only=true");
        assertThat(toSession(ReadHistory.class).page())
                .isEqualTo(new HistoryRequest(100, HistoryRequest.SortBy.ID, false, true));
        assertSuccess(answer, 200, "Messages retrieved successfully", """
                {"messages":[
                 {"id":"m1","session_id":"s1","role":"user","content":"hi","created_at":"%1$s","updated_at":"%1$s"},
                 {"id":"m2","session_id":"s1","role":"system","name":"Bo","content":"yo",
                  "created_at":"0001-01-01T00:00:00.000000Z","updated_at":"%1$s","metadata":{"k":[1.0]}}]}""".formatted(NOW));
    }

    @Test
    void readsTheHistoryNewestFirstTwentyAtATimeUnlessAskedOtherwise() {
        assertThat(server.get("/api/v1/sessions/s1/messages").status()).isEqualTo(200);
        assertThat(toSession(ReadHistory.class).page())
                .isEqualTo(new HistoryRequest(20, HistoryRequest.SortBy.TIMESTAMP, true, false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "limit=abc     | limit       | limit must be an integer from 1 to 100: limit=abc",
                "limit=0       | limit       | limit must be an integer from 1 to 100: limit=0",
                "limit=101     | limit       | limit must be an integer from 1 to 100: limit=101",
                "limit=-1      | limit       | limit must be an integer from 1 to 100: limit=-1",
                "limit=        | limit       | limit must be an integer from 1 to 100: limit=",
                "limit=9999999999999999999 | limit | limit must be an integer from 1 to 100: limit=9999999999999999999",
                "sort_by=time  | sort_by     | sort_by must be timestamp or id: sort_by=time",
                "order=up      | order       | order must be asc or desc: order=up",
                "buffer_only=1 | buffer_only | buffer_only must be true or false: buffer_only=1",
            })
    void refusesAPageThatCannotBe(String query, String field, String message) {
        assertError(server.get("/api/v1/sessions/s1/messages?" + query), 400, field, message);
        assertThat(server.gateway.asked).isEmpty();
    }

    @Test
    void readsMessagesByIdWithoutMetadata() {
        server.gateway.next(
                new MessagesRead(List.of(new Message("m1", 1, Role.USER, "Bo", "hi", NOW, NOW, "{\"k\":1}", 1))));
        Answer answer = server.post("/api/v1/sessions/s1/messages/read", "{\"message_ids\":[\"m1\"]}");
        assertThat(toSession(ReadMessages.class).messageIds()).containsExactly("m1");
        assertSuccess(answer, 200, "Messages read successfully", """
                {"messages":[{"id":"m1","session_id":"s1","role":"user","name":"Bo","content":"hi",
                 "created_at":"%1$s","updated_at":"%1$s"}]}""".formatted(NOW));
    }

    @Test
    void tellsWhichMessageIsMissing() {
        server.gateway.next(new Refused(ErrorCode.NOT_FOUND, "Message with ID 'm9' not found", "message_ids"));
        assertError(
                server.post("/api/v1/sessions/s1/messages/read", "{\"message_ids\":[\"m9\"]}"),
                404,
                "message_ids",
                "Message with ID 'm9' not found");
    }

    @Test
    void updatesMessagesPairwiseUnderTheirOldIds() {
        Answer answer = server.send("PUT", "/api/v1/sessions/s1/messages", """
                {"message_ids":["m1","m2"],
                 "new_messages":[{"role":"user","content":"a"},{"role":"system","content":"bb","name":"Bo"}]}""");
        UpdateMessages update = toSession(UpdateMessages.class);
        assertThat(update.messageIds()).containsExactly("m1", "m2");
        assertThat(update.replacements())
                .containsExactly(
                        new NewMessage("m1", false, Role.USER, null, "a", null, null, 1),
                        new NewMessage("m2", false, Role.SYSTEM, "Bo", "bb", null, null, 2));
        assertSuccess(answer, 200, "Messages updated successfully", "{\"message_ids\":[\"m1\",\"m2\"]}");
    }

    @Test
    void deletesMessagesNamedInABody() {
        Answer answer =
                server.send("DELETE", "/api/v1/sessions/s1/messages", "{\"message_ids\":[\"m1\",\"m2\",\"m1\"]}");
        assertThat(toSession(DeleteMessages.class).messageIds()).containsExactly("m1", "m2");
        assertSuccess(answer, 200, "Messages deleted successfully", "{\"message_ids\":[\"m1\",\"m2\"]}");
    }

    @Test
    void showsResultsWithSourceAndScope() {
        Session other = new Session("s2", "u1", "a1", "other", NOW, NOW);
        Session asked = server.directory.session("s1").orElseThrow();
        Hit near =
                new Hit("m1", "hi", 0.75, 0.5, Role.USER, null, NOW, NOW, asked, Hit.Layer.ROUND_BUFFER, 0, List.of());
        Hit far = new Hit(
                "m2", "piece", 1.5, Double.NaN, Role.ASSISTANT, "Bo", NOW, NOW, other, Hit.Layer.M1, 2, List.of(0, 5));
        server.gateway.next(new Hits(List.of(near, far), false, true));
        Answer answer = server.post("/api/v1/users/u1/query/", "{\"query\":\"hi\",\"session_id\":\"s1\"}");
        assertSuccess(answer, 200, "Found 2 results", """
                {"total":2,"results":[
                 {"id":"m1","content":"hi","score":0.75,"type":"message","role":"user",
                  "created_at":"%1$s","updated_at":"%1$s",
                  "metadata":{"user_id":"u1","agent_id":"a1","session_id":"s1","session_name":"first",
                   "scope":"in_session","level":0,"retrieval":{"source":"round_buffer","similarity":0.5}}},
                 {"id":"m2","content":"piece","score":1.0,"type":"message","role":"assistant",
                  "created_at":"%1$s","updated_at":"%1$s",
                  "metadata":{"user_id":"u1","agent_id":"a1","session_id":"s2","session_name":"other",
                   "scope":"cross_session","level":1,"name":"Bo",
                   "retrieval":{"source":"m1","similarity":0.0,"chunk":2,"other_chunks":[0,5]}}}]}""".formatted(NOW));
        server.gateway.next(new Hits(List.of(near), false, true));
        assertThat(server.post("/api/v1/users/u1/query", "{\"query\":\"hi\"}")
                        .json()
                        .at("/data/results/0/metadata/scope")
                        .isNull())
                .isTrue();
    }

    @Test
    void handsTheWholeQueryToTheUsersActor() {
        server.post("/api/v1/users/u1/query", """
                {"query":"q","session_id":"s1","agent_id":"a1","top_k":7,"store_type":"keyword",
                 "include_messages":false,"include_knowledge":false}""");
        assertThat(((Query) server.gateway.onlyRequest()).query())
                .isEqualTo(new QueryRequest("q", "s1", "a1", 7, QueryRequest.StoreType.KEYWORD, false, false));
        server.gateway.reset();
        server.post("/api/v1/users/u1/query", "{\"query\":\"q\",\"session_id\":null,\"store_type\":null}");
        assertThat(((Query) server.gateway.onlyRequest()).query())
                .isEqualTo(new QueryRequest("q", null, null, 5, QueryRequest.StoreType.ALL, true, true));
    }

    @ParameterizedTest
    @CsvSource({"-1,0", "0,0", "1000000000,1000", "99999999999999999999999999,1000", "1e999999999,1000", "\"6\",6"})
    void bringsTopKIntoItsRange(String asked, int given) {
        Answer answer = server.post("/api/v1/users/u1/query", "{\"query\":\"q\",\"top_k\":" + asked + "}");
        assertSuccess(answer, 200, "Found 0 results", "{\"results\":[],\"total\":0}");
        assertThat(((Query) server.gateway.onlyRequest()).query().topK()).isEqualTo(given);
    }

    @Test
    void knowsWhatAQueryNames() {
        server.directory.create(EntityKind.USER, new Entity("u2", "bob", null, NOW, NOW));
        assertError(
                server.post("/api/v1/users/u9/query", "{\"query\":\"q\"}"),
                404,
                "user_id",
                "User with ID 'u9' not found");
        assertError(
                server.post("/api/v1/users/u1/query", "{\"query\":\"q\",\"session_id\":\"s9\"}"),
                404,
                "session_id",
                "Session with ID 's9' not found");
        assertError(
                server.post("/api/v1/users/u2/query", "{\"query\":\"q\",\"session_id\":\"s1\"}"),
                404,
                "session_id",
                "Session with ID 's1' not found");
        assertError(
                server.post("/api/v1/users/u1/query", "{\"query\":\"q\",\"agent_id\":\"a9\"}"),
                404,
                "agent_id",
                "Agent with ID 'a9' not found");
        assertThat(server.gateway.asked).isEmpty();
    }

    @Test
    void flushesEveryBuffer() {
        assertSuccess(server.post("/api/v1/buffer/flush", ""), 200, "Buffers flushed successfully", "{\"sessions\":3}");
    }
}
