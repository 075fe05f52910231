package memfuse.cluster.http;

import static memfuse.cluster.http.ApiServer.NOW;
import static memfuse.cluster.http.Envelope.assertError;
import static memfuse.cluster.http.Envelope.assertSuccess;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import memfuse.cluster.http.ApiServer.Answer;
import memfuse.cluster.http.backend.FlushedBuffers;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.Session;
import memfuse.protocol.memory.Role;
import memfuse.protocol.user.Hit;
import memfuse.protocol.user.QueryRequest;
import memfuse.protocol.user.UserProtocol.EraseSession;
import memfuse.protocol.user.UserProtocol.EraseUser;
import memfuse.protocol.user.UserProtocol.Hits;
import memfuse.protocol.user.UserProtocol.Query;
import memfuse.protocol.user.UserProtocol.RenameSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Routes as a client sees them: status and whole body, and what the user's actor is asked. */
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

    @Test
    void saysHowManyUsersHaveBuffersLeft() {
        server.gateway.flushed = new FlushedBuffers(3, 2);
        assertError(
                server.post("/api/v1/buffer/flush", ""),
                503,
                "general",
                "Not all buffers were flushed in time; what is left is in the journal: users=2");
    }
}
