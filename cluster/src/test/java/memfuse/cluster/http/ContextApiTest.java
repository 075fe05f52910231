package memfuse.cluster.http;

import static memfuse.cluster.http.ApiServer.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import memfuse.cluster.http.ApiServer.Answer;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.directory.Session;
import memfuse.protocol.memory.HistoryRequest;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.Role;
import memfuse.protocol.session.SessionProtocol.ReadHistory;
import memfuse.protocol.user.Hit;
import memfuse.protocol.user.UserProtocol.Hits;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import memfuse.protocol.user.UserProtocol.Query;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.ToSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code POST /users/{id}/context} as a client sees it. */
class ContextApiTest {
    private static final String CONTEXT = "/api/v1/users/u1/context";
    private static final Session OTHER = new Session("s2", "u1", "a1", "other", NOW, NOW);

    private final ApiServer server = new ApiServer();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void givesTheConversationAndWhatTheQueryFinds() {
        server.gateway.next(
                new MessagesRead(List.of(message("m2", Role.ASSISTANT, "yes"), message("m1", Role.USER, "tea?"))));
        server.gateway.next(new Hits(List.of(hit("m9", "Ann likes tea")), false, true));
        Answer answer = server.post(CONTEXT, "{\"query\":\"drinks\",\"session_id\":\"s1\",\"max_tokens\":500}");

        String text =
                "Recent conversation:\nuser: tea?\nassistant: yes\nMemories:\n- (2026-01-31, Ann) Ann likes tea\n";
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("message").textValue()).isEqualTo("Context assembled successfully");
        assertThat(answer.json().path("data")).isEqualTo(ApiServer.parse("""
                {"context":%s,"tokens":%d,"max_tokens":500,
                 "recent":[{"id":"m1","source":"history","content":"tea?","created_at":"%3$s"},
                           {"id":"m2","source":"history","content":"yes","created_at":"%3$s"}],
                 "memories":[{"id":"m9","source":"m1","content":"Ann likes tea","created_at":"%3$s","score":0.75}]}""".formatted(
                        ApiServer.JSON.getNodeFactory().textNode(text), text.length(), NOW)));
        assertThat(server.gateway.asked).hasSize(2);
        assertThat(((ToSession) server.gateway.asked.remove().request()).request())
                .isInstanceOf(ReadHistory.class);
        assertThat(((Query) server.gateway.asked.remove().request()).query().query())
                .isEqualTo("drinks");
    }

    @Test
    void asksWithTheNewestQuestionWhereThereIsNoQuery() {
        server.gateway.next(
                new MessagesRead(List.of(message("m2", Role.ASSISTANT, "yes"), message("m1", Role.USER, "tea?"))));
        server.gateway.next(new Hits(List.of(), false, true));
        server.post(CONTEXT, "{\"session_id\":\"s1\"}");

        server.gateway.asked.remove();
        assertThat(((Query) server.gateway.asked.remove().request()).query().query())
                .isEqualTo("tea?");
    }

    @Test
    void leavesOutARoundOfWhichItReadAPart() {
        List<Message> newest = IntStream.rangeClosed(2, HistoryRequest.MAX_LIMIT + 1)
                .mapToObj(seq -> new Message("m" + seq, seq, Role.ASSISTANT, null, "yes", NOW, NOW, null, 1)
                        .inRound(seq - 1 + seq % 2))
                .sorted(Comparator.comparing(Message::seq).reversed())
                .toList();
        server.gateway.next(new MessagesRead(newest));
        Answer answer = server.post(CONTEXT, "{\"session_id\":\"s1\",\"max_tokens\":100000}");

        assertThat(answer.json().at("/data/recent")).hasSize(HistoryRequest.MAX_LIMIT - 1);
        assertThat(answer.json().at("/data/recent/0/id").textValue()).isEqualTo("m3");
    }

    @Test
    void givesMemoriesAloneWhereThereIsNoSession() {
        server.gateway.next(new Hits(List.of(hit("m9", "Ann likes tea")), false, true));
        Answer answer = server.post(CONTEXT, "{\"query\":\"drinks\"}");

        assertThat(answer.json().at("/data/recent")).isEmpty();
        assertThat(answer.json().at("/data/memories/0/id").textValue()).isEqualTo("m9");
        assertThat(answer.json().at("/data/max_tokens").intValue()).isEqualTo(2000);
    }

    @Test
    void isEmptyForASessionWithoutQuestions() {
        server.gateway.next(new MessagesRead(List.of()));
        Answer answer = server.post(CONTEXT, "{\"session_id\":\"s1\"}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().at("/data/context").textValue()).isEmpty();
        assertThat(answer.json().at("/data/tokens").intValue()).isZero();
    }

    @Test
    void passesOnWhatTheUserRefuses() {
        server.gateway.next(new Refused(ErrorCode.NOT_FOUND, "Session with ID 's9' not found", "session_id"));
        assertThat(server.post(CONTEXT, "{\"session_id\":\"s9\"}").status()).isEqualTo(404);
        server.gateway.next(new Refused(ErrorCode.OVERLOADED, "too much", null));
        Answer overloaded = server.post(CONTEXT, "{\"query\":\"x\"}");
        assertThat(overloaded.status()).isEqualTo(429);
        assertThat(overloaded.header("retry-after")).isNotEmpty();
    }

    @Test
    void refusesAQueryThatIsLongerThanAMessageMayBe() {
        int most = ApiServer.SETTINGS.maxMessageBytes();
        Answer answer = server.post(CONTEXT, "{\"query\":\"" + "x".repeat(most + 1) + "\"}");
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().at("/detail/0/msg").textValue())
                .isEqualTo("Value error, query should have at most " + most + " bytes in UTF-8, not " + (most + 1));
        assertThat(server.gateway.asked).isEmpty();
    }

    @Test
    void doesNotKnowOtherUsers() {
        Answer answer = server.post("/api/v1/users/nobody/context", "{\"query\":\"x\"}");
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.body()).contains("User with ID 'nobody' not found");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|query|Value error, a query or a session_id is needed",
                "{\"query\":\"\"}|query|String should have at least 1 character",
                "{\"query\":\"x\",\"max_tokens\":0}|max_tokens|Value error, max_tokens should be 1 to 1000000, not 0",
                "{\"query\":\"x\",\"max_tokens\":\"many\"}|max_tokens|Input should be a valid integer, unable to parse string as an integer",
                "{\"session_id\":7}|session_id|Input should be a valid string"
            })
    void saysWhatIsWrongWithARequest(String body, String field, String text) {
        Answer answer = server.post(CONTEXT, body);
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().at("/detail/0/loc/1").textValue()).isEqualTo(field);
        assertThat(answer.json().at("/detail/0/msg").textValue()).isEqualTo(text);
        assertThat(server.gateway.asked).isEmpty();
    }

    private static Message message(String id, Role role, String content) {
        return new Message(id, 1, role, null, content, NOW, NOW, null, 1);
    }

    private static Hit hit(String id, String content) {
        return new Hit(id, content, 0.75, 0.5, Role.USER, "Ann", NOW, NOW, OTHER, Hit.Layer.M1, 0, List.of());
    }
}
