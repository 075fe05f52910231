package memfuse.cluster.http;

import static memfuse.cluster.http.ApiServer.NOW;
import static memfuse.cluster.http.ApiServer.parse;
import static memfuse.cluster.http.Envelope.assertError;
import static memfuse.cluster.http.Envelope.assertSuccess;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import memfuse.cluster.http.ApiServer.Answer;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.memory.HistoryRequest;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.NewMessage;
import memfuse.protocol.memory.Role;
import memfuse.protocol.session.SessionProtocol.AppendRound;
import memfuse.protocol.session.SessionProtocol.DeleteMessages;
import memfuse.protocol.session.SessionProtocol.ReadHistory;
import memfuse.protocol.session.SessionProtocol.ReadMessages;
import memfuse.protocol.session.SessionProtocol.UpdateMessages;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.ToSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A session's messages as a client sees them: status and whole body, and what the user's actor is asked. */
class MessagesApiTest {
    private final ApiServer server = new ApiServer();

    @AfterEach
    void stop() {
        server.close();
    }

    private <T> T toSession(Class<T> expected) {
        ToSession request = (ToSession) server.gateway.onlyRequest();
        assertThat(request.sessionId()).isEqualTo("s1");
        assertThat(server.gateway.asked.element().userId()).isEqualTo("u1");
        return expected.cast(request.request());
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
}
