package memfuse.cluster.http;

import static memfuse.cluster.http.ApiServer.parse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import memfuse.cluster.http.ApiServer.Answer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a body brings, it is answered as documented, nothing of it is done, and the next request is served. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputTest {
    private static final String MESSAGES = "/api/v1/sessions/s1/messages";
    private static final String QUERY = "/api/v1/users/u1/query";

    private final ApiServer server = new ApiServer();

    @AfterEach
    void didNothingAndStillServes() {
        assertThat(server.gateway.asked).isEmpty();
        assertThat(server.get("/api/v1/health").status()).isEqualTo(200);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    /** The answer is a 422 whose only issue is this one; bodies are written with single quotes. */
    private static void assertIssue(Answer answer, String type, String location, String message) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(422);
        assertThat(fieldNames(answer.json())).containsExactly("detail");
        assertThat(answer.json().get("detail")).hasSize(1);
        JsonNode issue = answer.json().at("/detail/0");
        assertThat(fieldNames(issue)).containsExactly("type", "loc", "msg", "input");
        assertThat(issue.get("type").asText()).isEqualTo(type);
        assertThat(issue.get("loc")).isEqualTo(parse(quoted(location)));
        assertThat(issue.get("msg").asText()).isEqualTo(message);
    }

    private static List<String> fieldNames(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static String quoted(String text) {
        return text.replace('\'', '"');
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}                          | missing     | ['body','messages'] | Field required",
                "{'messages':null}           | list_type   | ['body','messages'] | Input should be a valid list",
                "{'messages':'x'}            | list_type   | ['body','messages'] | Input should be a valid list",
                "{'messages':{'role':'user'}} | list_type  | ['body','messages'] | Input should be a valid list",
                "{'messages':['x']} | model_attributes_type | ['body','messages',0] | Input should be a valid dictionary or object to extract fields from",
                "[]                 | model_attributes_type | ['body'] | Input should be a valid dictionary or object to extract fields from",
                "3                  | model_attributes_type | ['body'] | Input should be a valid dictionary or object to extract fields from",
            })
    void namesThePlaceOfAFaultInTheBody(String body, String type, String location, String message) {
        assertIssue(server.post(MESSAGES, quoted(body)), type, location, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'content':'x'                 | missing          | role    | Field required",
                "'role':null,'content':'x'     | literal_error    | role    | Input should be 'user', 'assistant' or 'system'",
                "'role':'tool','content':'x'   | literal_error    | role    | Input should be 'user', 'assistant' or 'system'",
                "'role':'User','content':'x'   | literal_error    | role    | Input should be 'user', 'assistant' or 'system'",
                "'role':7,'content':'x'        | literal_error    | role    | Input should be 'user', 'assistant' or 'system'",
                "'role':'user'                 | missing          | content | Field required",
                "'role':'user','content':null  | string_type      | content | Input should be a valid string",
                "'role':'user','content':5     | string_type      | content | Input should be a valid string",
                "'role':'user','content':['a'] | string_type      | content | Input should be a valid string",
                "'role':'user','content':''    | string_too_short | content | String should have at least 1 character",
                "'role':'user','content':'a\\u0000b' | value_error | content | Value error, null characters are not allowed",
                "'role':'user','content':'a\\ud800'  | string_unicode | content | Input should be a valid string, unable to parse raw data as a unicode string",
                "'role':'user','content':'\\udc00\\ud800' | string_unicode | content | Input should be a valid string, unable to parse raw data as a unicode string",
                "'role':'user','content':'x','id':''       | string_too_short | id | String should have at least 1 character",
                "'role':'user','content':'x','id':5        | string_type | id | Input should be a valid string",
                "'role':'user','content':'x','id':'\\u0000' | value_error | id | Value error, null characters are not allowed",
                "'role':'user','content':'x','name':''     | string_too_short | name | String should have at least 1 character",
                "'role':'user','content':'x','name':'\\u0000' | value_error | name | Value error, null characters are not allowed",
                "'role':'user','content':'x','metadata':[] | dict_type | metadata | Input should be a valid dictionary",
                "'role':'user','content':'x','metadata':{'a':['\\u0000']} | value_error | metadata | Value error, null characters are not allowed",
                "'role':'user','content':'x','metadata':{'\\u0000':1} | value_error | metadata | Value error, null characters are not allowed",
                "'role':'user','content':'x','metadata':{'a':{'b':'\\ud800'}} | string_unicode | metadata | Input should be a valid string, unable to parse raw data as a unicode string",
                "'role':'user','content':'x','created_at':5 | datetime_type | created_at | Input should be a valid datetime",
                "'role':'user','content':'x','created_at':'soon' | datetime_parsing | created_at | Input should be a valid datetime of the years 1 to 9999",
                "'role':'user','content':'x','created_at':'2023-02-29T00:00:00Z' | datetime_parsing | created_at | Input should be a valid datetime of the years 1 to 9999",
                "'role':'user','content':'x','created_at':'0000-12-31T00:00:00Z' | datetime_parsing | created_at | Input should be a valid datetime of the years 1 to 9999",
                "'role':'user','content':'x','created_at':'9999-12-31T23:00:00-02:00' | datetime_parsing | created_at | Input should be a valid datetime of the years 1 to 9999",
            })
    void namesThePlaceOfAFaultInAMessage(String fields, String type, String field, String message) {
        String location = "['body','messages',1,'" + field + "']";
        String body = quoted("{'messages':[{'role':'user','content':'fine'},{" + fields + "}]}");
        assertIssue(server.post(MESSAGES, body), type, location, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'query':''}                       | string_too_short | query | String should have at least 1 character",
                "{}                                 | missing          | query | Field required",
                "{'query':'q','top_k':'many'}       | int_parsing      | top_k | Input should be a valid integer, unable to parse string as an integer",
                "{'query':'q','top_k':2.5}          | int_from_float   | top_k | Input should be a valid integer, got a number with a fractional part",
                "{'query':'q','top_k':null}         | int_type         | top_k | Input should be a valid integer",
                "{'query':'q','top_k':[]}           | int_type         | top_k | Input should be a valid integer",
                "{'query':'q','store_type':'hnsw'}  | literal_error    | store_type | Input should be 'vector', 'keyword' or 'graph'",
                "{'query':'q','store_type':1}       | literal_error    | store_type | Input should be 'vector', 'keyword' or 'graph'",
                "{'query':'q','include_messages':'x'} | bool_parsing   | include_messages | Input should be a valid boolean",
                "{'query':'q','include_knowledge':{}} | bool_type      | include_knowledge | Input should be a valid boolean",
                "{'query':'q','session_id':7}       | string_type      | session_id | Input should be a valid string",
                "{'query':'q','agent_id':''}        | string_too_short | agent_id | String should have at least 1 character",
                "{'query':'q\\u0000'}               | value_error      | query | Value error, null characters are not allowed",
            })
    void namesThePlaceOfAFaultInAQuery(String body, String type, String field, String message) {
        assertIssue(server.post(QUERY, quoted(body)), type, "['body','" + field + "']", message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "POST   | /api/v1/users       | {'name':''}       | string_too_short | name",
                "POST   | /api/v1/users       | {'name':null}     | string_type      | name",
                "POST   | /api/v1/agents      | {'description':1} | missing          | name",
                "POST   | /api/v1/agents      | {'name':'a\\u0000'} | value_error    | name",
                "POST   | /api/v1/agents      | {'name':'a','description':'\\u0000'} | value_error | description",
                "PUT    | /api/v1/users/u1    | {'name':''}       | string_too_short | name",
                "PUT    | /api/v1/users/u9    | {'name':5}        | string_type      | name",
                "POST   | /api/v1/sessions    | {'user_id':'u1','agent_id':'a1','name':''} | string_too_short | name",
                "POST   | /api/v1/sessions    | {'user_id':'u1'}  | missing          | agent_id",
                "PUT    | /api/v1/sessions/s1 | {'name':[]}       | string_type      | name",
                "POST   | /api/v1/sessions/s1/messages/read | {'message_ids':'m1'} | list_type | message_ids",
                "DELETE | /api/v1/sessions/s1/messages | {}       | missing          | message_ids",
                "PUT    | /api/v1/sessions/s1/messages | {'message_ids':['m1']} | missing | new_messages",
                "PUT    | /api/v1/sessions/s1/messages | {'message_ids':['m1'],'new_messages':[]} | value_error | new_messages",
                "PUT    | /api/v1/sessions/s1/messages | {'message_ids':['m','m'],'new_messages':[{'role':'user','content':'a'},{'role':'user','content':'a'}]} | value_error | message_ids",
            })
    void namesThePlaceOfAFaultInEveryOtherBody(String method, String path, String body, String type, String field) {
        Answer answer = server.send(method, path, quoted(body));
        assertThat(answer.status()).as(answer.body()).isEqualTo(422);
        assertThat(answer.json().at("/detail/0/type").asText()).isEqualTo(type);
        assertThat(answer.json().at("/detail/0/loc")).isEqualTo(parse(quoted("['body','" + field + "']")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "{\"messages\":[}",
                "{\"messages\":[]} x",
                "{\"messages\":[]}{}",
                "{'messages':[]}",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"a\nb\"}]}",
                "{\"messages\":NaN}",
                "nonsense",
                "\uFEFF{}",
            })
    void refusesWhatIsNoJson(String body) {
        Answer answer = server.post(MESSAGES, body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(422);
        JsonNode issue = answer.json().at("/detail/0");
        assertThat(issue.get("type").asText()).isEqualTo("json_invalid");
        assertThat(issue.at("/loc/0").asText()).isEqualTo("body");
        assertThat(issue.at("/loc/1").isIntegralNumber()).isTrue();
        assertThat(issue.get("input")).isEqualTo(parse("{}"));
    }

    @Test
    void knowsNoMessageWithoutAnId() {
        Answer answer = server.send(
                "PUT", MESSAGES, quoted("{'message_ids':[''],'new_messages':[{'role':'user','content':'x'}]}"));
        assertThat(answer.status()).as(answer.body()).isEqualTo(404);
        assertThat(answer.json().get("message").asText()).isEqualTo("Message with ID '' not found");
    }

    @Test
    void refusesABodyThatIsMissing() {
        assertThat(server.send("POST", MESSAGES).json()).isEqualTo(parse("""
                        {"detail":[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]}"""));
    }

    @Test
    void refusesWhatIsNoUtf8() {
        byte[][] wrongs = {
            {(byte) 0xff},
            {(byte) 0xc0, (byte) 0x80},
            {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
            {(byte) 0xe2, (byte) 0x82}
        };
        for (byte[] wrong : wrongs) {
            byte[] body =
                    "{\"messages\":[{\"role\":\"user\",\"content\":\"##########\"}]}".getBytes(StandardCharsets.UTF_8);
            int at = new String(body, StandardCharsets.UTF_8).indexOf('#');
            System.arraycopy(wrong, 0, body, at, wrong.length);
            assertIssue(
                    server.send("POST", MESSAGES, body),
                    "json_invalid",
                    "['body',0]",
                    "JSON decode error: the body is not valid UTF-8");
        }
    }

    @Test
    void refusesDeepNestingAndNumbersWithoutEnd() {
        for (String value : List.of("[".repeat(20_000) + "]".repeat(20_000), "9".repeat(5_000), "1e99999999999")) {
            Answer answer = server.post(
                    MESSAGES,
                    "{\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"metadata\":{\"a\":" + value + "}}]}");
            assertThat(answer.status()).isEqualTo(422);
            assertThat(answer.json().at("/detail/0/type").asText()).isEqualTo("json_invalid");
            assertThat(answer.body()).hasSizeLessThan(1_000);
        }
    }

    @Test
    void refusesAMessageOverItsLimitByNameLimitAndValue() {
        String tooLong = "é".repeat(513);
        assertIssue(
                server.post(MESSAGES, "{\"messages\":[{\"role\":\"user\",\"content\":\"" + tooLong + "\"}]}"),
                "value_error",
                "['body','messages',0,'content']",
                "Value error, content should have at most 1024 bytes in UTF-8, not 1026");
        assertIssue(
                server.post(
                        MESSAGES,
                        "{\"messages\":[{\"role\":\"user\",\"content\":\"" + "x".repeat(1_000)
                                + "\",\"metadata\":{\"key\":\"" + "y".repeat(90) + "\"}}]}"),
                "value_error",
                "['body','messages',0,'metadata']",
                "Value error, content and metadata should have at most 1024 bytes in UTF-8, not 1100");
        assertIssue(
                server.post(QUERY, "{\"query\":\"" + tooLong + "\"}"),
                "value_error",
                "['body','query']",
                "Value error, query should have at most 1024 bytes in UTF-8, not 1026");
    }

    @Test
    void refusesMoreMessagesThanOneBodyMayBring() {
        String messages = "{\"role\":\"user\",\"content\":\"x\"},".repeat(21);
        assertIssue(
                server.post(MESSAGES, "{\"messages\":[" + messages.substring(0, messages.length() - 1) + "]}"),
                "too_long",
                "['body','messages']",
                "List should have at most 20 items after validation, not 21");
    }

    @Test
    void refusesTheSameIdTwiceInOneBody() {
        assertIssue(
                server.post(
                        MESSAGES,
                        quoted("{'messages':[{'id':'m','role':'user','content':'x'},"
                                + "{'id':'m','role':'user','content':'x'}]}")),
                "value_error",
                "['body','messages',1,'id']",
                "Value error, the same id is given twice in this request");
    }

    @Test
    void refusesNamesThatAreTooLongInCharactersNotInBytes() {
        assertIssue(
                server.post("/api/v1/users", "{\"name\":\"" + "n".repeat(256) + "\"}"),
                "string_too_long",
                "['body','name']",
                "String should have at most 255 characters");
        assertThat(server.post("/api/v1/users", "{\"name\":\"" + "👋".repeat(255) + "\"}")
                        .status())
                .isEqualTo(201);
    }

    @Test
    void tellsAllThatIsWrongUpToALimit() {
        Answer answer = server.post(MESSAGES, quoted("{'messages':[{'role':1},{'content':''}]}"));
        assertThat(answer.json().get("detail").findValuesAsText("type"))
                .containsExactly("literal_error", "missing", "missing", "string_too_short");
        String many = "{},".repeat(19) + "{}";
        assertThat(server.post(MESSAGES, "{\"messages\":[" + many + "]}").json().get("detail"))
                .hasSize(20);
    }

    @Test
    void sendsBackOnlyAShortPieceOfWhatItGot() {
        Answer answer = server.post(
                MESSAGES,
                quoted("{'messages':[],'" + "x".repeat(9_000) + "':1}")
                        .replace("[]", "{\"k\":[" + "\"v\\ud800\",".repeat(900) + "1]}"));
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.body()).hasSizeLessThan(3_000);
        assertThat(answer.json().at("/detail/0/input/k/0").asText()).isEqualTo("v\uFFFD");
    }

    @Test
    void takesTheLastOfTwoValuesOfOneKey() {
        assertIssue(
                server.post(QUERY, quoted("{'query':'q','query':''}")),
                "string_too_short",
                "['body','query']",
                "String should have at least 1 character");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET    | /api/v1/nothing            | 404",
                "GET    | /                          | 404",
                "GET    | /api/v1                    | 404",
                "GET    | /api/v1//users             | 404",
                "GET    | /api/v1/users//            | 404",
                "GET    | /api/v1/users/%00          | 404",
                "POST   | /api/v1/users/u1/nothing   | 404",
                "PATCH  | /api/v1/users/u1           | 405",
                "DELETE | /api/v1/users              | 405",
                "GET    | /api/v1/users/u1/query/    | 405",
                "OPTIONS | /api/v1/health            | 405",
            })
    void knowsItsRoutesAndTheirMethods(String method, String path, int status) {
        Answer answer = server.send(method, path);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.json())
                .isEqualTo(parse(status == 404 ? "{\"detail\":\"Not Found\"}" : "{\"detail\":\"Method Not Allowed\"}"));
    }

    @Test
    void tellsTheMethodsOfARoute() {
        assertThat(server.send("PATCH", "/api/v1/users/u1").header("allow")).isEqualTo("DELETE, GET, HEAD, PUT");
    }

    @Test
    void findsNothingUnderIdsAndNamesThatCannotBe() {
        assertThat(server.get("/api/v1/users/" + "x".repeat(3_000)).status()).isEqualTo(404);
        assertThat(server.get("/api/v1/users/%ff").status()).isEqualTo(404);
        assertThat(server.get("/api/v1/users/a%2Fb").json().get("message").asText())
                .isEqualTo("User with ID 'a/b' not found");
        assertThat(server.get("/api/v1/users?name=%00").status()).isEqualTo(404);
        assertThat(server.get("/api/v1/users?name=%ff").status()).isEqualTo(404);
        assertThat(server.get("/api/v1/sessions?user_id=%00").json().at("/data/sessions"))
                .isEmpty();
    }

    @Test
    void readsABodyWhateverItsContentTypeSays() {
        var request = HttpRequest.newBuilder(server.root.resolve("/api/v1/agents"))
                .header("Content-Type", "text/plain")
                .POST(BodyPublishers.ofString("{\"name\":\"typed\"}"))
                .build();
        assertThat(server.send(request).status()).isEqualTo(201);
    }
}
