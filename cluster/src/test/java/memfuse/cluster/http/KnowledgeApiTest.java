package memfuse.cluster.http;

import static memfuse.cluster.http.ApiServer.NOW;
import static memfuse.cluster.http.ApiServer.NOW_TEXT;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import memfuse.cluster.http.ApiServer.Answer;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.knowledge.KnowledgeItem;
import memfuse.protocol.knowledge.NewKnowledge;
import memfuse.protocol.user.Hit;
import memfuse.protocol.user.UserProtocol.AddKnowledge;
import memfuse.protocol.user.UserProtocol.DeleteKnowledge;
import memfuse.protocol.user.UserProtocol.Hits;
import memfuse.protocol.user.UserProtocol.KnowledgeChanged;
import memfuse.protocol.user.UserProtocol.KnowledgeRead;
import memfuse.protocol.user.UserProtocol.ListKnowledge;
import memfuse.protocol.user.UserProtocol.ReadKnowledge;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.UpdateKnowledge;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code /users/{id}/knowledge} as a client sees it. */
class KnowledgeApiTest {
    private static final String KNOWLEDGE = "/api/v1/users/u1/knowledge";
    private static final KnowledgeItem TEA = new KnowledgeItem("k1", 1, "likes tea", NOW, NOW.plusSeconds(1));
    private static final String TEA_TEXT = """
            {"knowledge":[{"id":"k1","user_id":"u1","content":"likes tea","created_at":"%s",
                           "updated_at":"2026-01-31T10:20:31.123456Z"}]}""".formatted(NOW_TEXT);

    private final ApiServer server = new ApiServer();

    @AfterEach
    void stop() {
        server.close();
    }

    private static void assertSuccess(Answer answer, int status, String message, String data) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.json())
                .isEqualTo(ApiServer.parse("{\"status\":\"success\",\"code\":" + status + ",\"data\":" + data
                        + ",\"message\":\"" + message + "\",\"errors\":null}"));
    }

    @Test
    void listsItems() {
        server.gateway.next(new KnowledgeRead(List.of(TEA)));
        assertSuccess(server.get(KNOWLEDGE), 200, "Knowledge items retrieved successfully", TEA_TEXT);
        assertThat(server.gateway.onlyRequest()).isInstanceOf(ListKnowledge.class);
        assertThat(server.gateway.asked.element().userId()).isEqualTo("u1");
        assertSuccess(server.get(KNOWLEDGE + "/"), 200, "Knowledge items retrieved successfully", "{\"knowledge\":[]}");
    }

    @Test
    void addsItemsUnderIdsOfItsOwn() {
        Answer answer = server.post(KNOWLEDGE, "{\"knowledge\":[\"likes tea\",\"likes tea\",\" a \"]}");
        AddKnowledge add = (AddKnowledge) server.gateway.onlyRequest();
        assertThat(add.items()).extracting(NewKnowledge::content).containsExactly("likes tea", "likes tea", " a ");
        assertThat(add.items()).extracting(NewKnowledge::tokens).containsExactly(9, 9, 3);
        assertThat(add.items()).extracting(NewKnowledge::id).doesNotHaveDuplicates();
        assertThat(add.addedAt()).isEqualTo(NOW);
        String ids = ApiServer.JSON
                .valueToTree(add.items().stream().map(NewKnowledge::id).toList())
                .toString();
        assertSuccess(answer, 201, "Knowledge items added successfully", "{\"knowledge_ids\":" + ids + "}");
    }

    @Test
    void addsNothingWhereThereIsNothing() {
        assertSuccess(
                server.post(KNOWLEDGE, "{\"knowledge\":[]}"),
                201,
                "Knowledge items added successfully",
                "{\"knowledge_ids\":[]}");
    }

    @ParameterizedTest
    @CsvSource({"2,2,2", "1,2,1", "2,1,1", "0,2,0", "2,0,0"})
    void updatesThePairsThatThereAre(int ids, int contents, int pairs) {
        List<String> allIds = List.of("k1", "k2").subList(0, ids);
        List<String> allContents = List.of("a", "bb").subList(0, contents);
        JsonNode body = ApiServer.JSON.createObjectNode().set("knowledge_ids", ApiServer.JSON.valueToTree(allIds));
        String text = body.toString()
                .replaceFirst("}$", ",\"new_knowledge\":" + ApiServer.JSON.valueToTree(allContents) + "}");
        server.gateway.next(new KnowledgeChanged(List.of("k1")));

        assertSuccess(
                server.send("PUT", KNOWLEDGE, text),
                200,
                "Knowledge items updated successfully",
                "{\"knowledge_ids\":[\"k1\"]}");
        UpdateKnowledge update = (UpdateKnowledge) server.gateway.onlyRequest();
        assertThat(update.items())
                .isEqualTo(List.of(new NewKnowledge("k1", "a", 1), new NewKnowledge("k2", "bb", 2))
                        .subList(0, pairs));
        assertThat(update.updatedAt()).isEqualTo(NOW);
    }

    @Test
    void deletesItemsNamedInABody() {
        assertSuccess(
                server.send("DELETE", KNOWLEDGE, "{\"knowledge_ids\":[\"k1\",\"k2\"]}"),
                200,
                "Knowledge items deleted successfully",
                "{\"knowledge_ids\":[\"k1\",\"k2\"]}");
        assertThat(((DeleteKnowledge) server.gateway.onlyRequest()).ids()).containsExactly("k1", "k2");
    }

    @Test
    void readsItems() {
        server.gateway.next(new KnowledgeRead(List.of(TEA)));
        assertSuccess(
                server.post(KNOWLEDGE + "/read", "{\"knowledge_ids\":[\"k1\",\"none\"]}"),
                200,
                "Knowledge items retrieved successfully",
                TEA_TEXT);
        assertThat(((ReadKnowledge) server.gateway.onlyRequest()).ids()).containsExactly("k1", "none");
    }

    @Test
    void doesNotKnowOtherUsers() {
        String nobody = "/api/v1/users/nobody/knowledge";
        String ids = "{\"knowledge_ids\":[],\"new_knowledge\":[],\"knowledge\":[]}";
        for (Answer answer : List.of(
                server.get(nobody),
                server.post(nobody, ids),
                server.send("PUT", nobody, ids),
                server.send("DELETE", nobody, ids),
                server.post(nobody + "/read", ids))) {
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.json().path("errors")).isEqualTo(ApiServer.parse("""
                    [{"field":"user_id","message":"User with ID 'nobody' not found"}]"""));
        }
        assertThat(server.gateway.asked).isEmpty();
    }

    @Test
    void passesOnWhatTheUserRefuses() {
        server.gateway.next(new Refused(ErrorCode.INVALID, "insufficient capacity: maxItems=2, items=3", "knowledge"));
        Answer tooMuch = server.post(KNOWLEDGE, "{\"knowledge\":[\"a\"]}");
        assertThat(tooMuch.status()).isEqualTo(400);
        assertThat(tooMuch.json().at("/errors/0/field").textValue()).isEqualTo("knowledge");
        server.gateway.next(new Refused(ErrorCode.OVERLOADED, "too much", null));
        Answer overloaded = server.post(KNOWLEDGE, "{\"knowledge\":[\"a\"]}");
        assertThat(overloaded.status()).isEqualTo(429);
        assertThat(overloaded.header("retry-after")).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "POST | {}                        | missing          | ['body','knowledge']   | Field required",
                "POST | {'knowledge':'tea'}       | list_type        | ['body','knowledge']   | Input should be a valid list",
                "POST | {'knowledge':['a',7]}     | string_type      | ['body','knowledge',1] | Input should be a valid string",
                "POST | {'knowledge':['a','']}    | string_too_short | ['body','knowledge',1] | String should have at least 1 character",
                "POST | {'knowledge':[' \\n']}    | value_error      | ['body','knowledge',0] | Value error, an item of knowledge should not be blank",
                "POST | {'knowledge':['a\\u0000']} | value_error     | ['body','knowledge',0] | Value error, null characters are not allowed",
                "PUT  | {'knowledge_ids':['k']}   | missing          | ['body','new_knowledge'] | Field required",
                "PUT  | {'knowledge_ids':['k'],'new_knowledge':[' ']} | value_error | ['body','new_knowledge',0] | Value error, an item of new_knowledge should not be blank",
                "PUT  | {'knowledge_ids':[1],'new_knowledge':['a']} | string_type | ['body','knowledge_ids',0] | Input should be a valid string",
                "DELETE | {'knowledge_ids':['\\u0000']} | value_error  | ['body','knowledge_ids',0] | Value error, null characters are not allowed",
                "DELETE | {}                      | missing          | ['body','knowledge_ids'] | Field required",
            })
    void saysWhatIsWrongWithABody(String method, String body, String type, String location, String text) {
        Answer answer = server.send(method, KNOWLEDGE, body.replace('\'', '"'));
        assertThat(answer.status()).as(answer.body()).isEqualTo(422);
        JsonNode issue = answer.json().at("/detail/0");
        assertThat(answer.json().path("detail")).hasSize(1);
        assertThat(issue.path("type").textValue()).isEqualTo(type);
        assertThat(issue.path("loc")).isEqualTo(ApiServer.parse(location.replace('\'', '"')));
        assertThat(issue.path("msg").textValue()).isEqualTo(text);
        assertThat(server.gateway.asked).isEmpty();
    }

    @Test
    void boundsItemsAndTheirNumber() {
        String item = "é".repeat(513);
        Answer tooLong = server.post(KNOWLEDGE, "{\"knowledge\":[\"" + item + "\"]}");
        assertThat(tooLong.status()).isEqualTo(422);
        assertThat(tooLong.json().at("/detail/0/msg").textValue())
                .isEqualTo("Value error, an item of knowledge should have at most 1024 bytes in UTF-8, not 1026");
        String many = "\"a\",".repeat(20) + "\"a\"";
        for (Answer tooMany : List.of(
                server.post(KNOWLEDGE, "{\"knowledge\":[" + many + "]}"),
                server.post(KNOWLEDGE + "/read", "{\"knowledge_ids\":[" + many + "]}"))) {
            assertThat(tooMany.status()).isEqualTo(422);
            assertThat(tooMany.json().at("/detail/0/msg").textValue())
                    .isEqualTo("List should have at most 20 items after validation, not 21");
        }
        assertThat(server.gateway.asked).isEmpty();
    }

    @Test
    void showsKnowledgeAmongTheResultsOfAQuery() {
        Hit hit = new Hit("k1", "likes tea", 0.75, 0.5, null, null, NOW, NOW, null, Hit.Layer.KNOWLEDGE, 0, List.of());
        server.gateway.next(new Hits(List.of(hit), false, true));
        assertSuccess(
                server.post("/api/v1/users/u1/query", "{\"query\":\"drinks\",\"session_id\":\"s1\"}"),
                200,
                "Found 1 results",
                """
                {"total":1,"results":[
                 {"id":"k1","content":"likes tea","score":0.75,"type":"knowledge","role":null,
                  "created_at":"%1$s","updated_at":"%1$s",
                  "metadata":{"user_id":"u1","agent_id":null,"session_id":null,"session_name":null,
                   "scope":null,"level":1,"retrieval":{"source":"knowledge","similarity":0.5}}}]}""".formatted(NOW));
    }

    @Test
    void putsKnowledgeIntoAContext() {
        Hit hit = new Hit("k1", "likes tea", 0.75, 0.5, null, null, NOW, NOW, null, Hit.Layer.KNOWLEDGE, 0, List.of());
        server.gateway.next(new Hits(List.of(hit), false, true));
        JsonNode data = server.post("/api/v1/users/u1/context", "{\"query\":\"drinks\"}")
                .json()
                .path("data");
        assertThat(data.path("context").textValue()).isEqualTo("Memories:\n- (2026-01-31) likes tea\n");
        assertThat(data.at("/memories/0/source").textValue()).isEqualTo("knowledge");
    }
}
