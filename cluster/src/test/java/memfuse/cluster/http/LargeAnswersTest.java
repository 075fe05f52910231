package memfuse.cluster.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import memfuse.cluster.http.ApiServer.Answer;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.Session;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.Role;
import memfuse.protocol.session.SessionProtocol.ReadHistory;
import memfuse.protocol.user.UserProtocol.AnswerTooLarge;
import memfuse.protocol.user.UserProtocol.KnowledgeRead;
import memfuse.protocol.user.UserProtocol.ListKnowledge;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.ToSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Answers are given up to a size, and up to so much of them at a time. */
class LargeAnswersTest {
    private static final String MESSAGES = "/api/v1/sessions/s1/messages";
    private static final int MIB = 1 << 20;

    private final ApiServer server = new ApiServer();

    @AfterEach
    void stop() {
        server.close();
    }

    private static MessagesRead messages(int count, int length) {
        return new MessagesRead(IntStream.rangeClosed(1, count)
                .mapToObj(seq -> new Message(
                        "m" + seq, seq, Role.USER, null, "a".repeat(length), ApiServer.NOW, ApiServer.NOW, null, 1))
                .toList());
    }

    private List<Long> roomGiven() {
        return server.gateway.asked.stream()
                .map(asked -> ((ReadHistory) ((ToSession) asked.request()).request()).maxBytes())
                .toList();
    }

    @Test
    void asksAgainForWhatNeedsMoreRoom() throws Exception {
        server.gateway.next(new AnswerTooLarge(600_000));
        server.gateway.next(messages(60, 10_000));
        Answer answer = server.get(MESSAGES + "?limit=60");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(ApiServer.JSON.readTree(answer.body()).at("/data/messages")).hasSize(60);
        assertThat(roomGiven()).hasSize(2);
        assertThat(roomGiven().get(1)).isBetween(600_000L, 1L * MIB);
    }

    @Test
    void asksAgainForWhatHasGrownMeanwhile() {
        server.gateway.next(new AnswerTooLarge(20_000));
        server.gateway.next(new AnswerTooLarge(90_000));
        server.gateway.next(messages(9, 10_000));

        assertThat(server.get(MESSAGES).status()).isEqualTo(200);
        assertThat(roomGiven()).hasSize(3);
        assertThat(roomGiven().get(2)).isGreaterThanOrEqualTo(90_000L);

        for (int i = 0; i < 4; i++) {
            server.gateway.next(new AnswerTooLarge(20_000));
        }
        assertThat(server.get(MESSAGES).status()).as("growing all the time").isEqualTo(429);
        assertThat(server.get(MESSAGES).status()).as("no room is left taken").isEqualTo(200);
    }

    @Test
    void refusesWhatIsLargerThanAnyAnswer() {
        server.gateway.next(new AnswerTooLarge(MIB + 1));
        Answer history = server.get(MESSAGES);
        assertThat(history.status()).isEqualTo(400);
        assertThat(history.body()).contains("maxAnswerBytes=" + MIB, "ask for fewer", "\"field\":\"limit\"");

        server.gateway.next(new AnswerTooLarge(MIB + 1));
        Answer read = server.post(MESSAGES + "/read", "{\"message_ids\":[\"m1\"]}");
        assertThat(read.status()).isEqualTo(400);
        assertThat(read.body()).contains("\"field\":\"message_ids\"");

        server.gateway.next(new AnswerTooLarge(MIB + 1));
        assertThat(server.get("/api/v1/users/u1/knowledge").status()).isEqualTo(400);
    }

    @Test
    void refusesListsThatAreLargerThanAnyAnswer() {
        for (int i = 0; i < 110; i++) {
            Entity agent = new Entity("a" + i, "agent " + i, "d".repeat(10_000), ApiServer.NOW, ApiServer.NOW);
            server.directory.create(EntityKind.AGENT, agent);
        }
        for (int i = 0; i < 900; i++) {
            String name = i + " " + "n".repeat(1_000);
            server.directory.createSession(new Session("t" + i, "u1", "a1", name, ApiServer.NOW, ApiServer.NOW));
        }
        Answer agents = server.get("/api/v1/agents");
        assertThat(agents.status()).isEqualTo(400);
        assertThat(agents.body()).contains("maxAnswerBytes=" + MIB, "\"field\":\"name\"");
        assertThat(server.get("/api/v1/agents?name=agent%207").status()).isEqualTo(200);

        Answer sessions = server.get("/api/v1/sessions?user_id=u1");
        assertThat(sessions.status()).isEqualTo(400);
        assertThat(sessions.body()).contains("maxAnswerBytes=" + MIB, "\"field\":\"user_id\"");
        assertThat(server.get("/api/v1/sessions?agent_id=a2").status()).isEqualTo(200);
    }

    @Test
    void refusesForNowWhatThereIsNoRoomForBesideOthers() {
        List<CompletableFuture<Reply>> held = IntStream.range(0, 4)
                .mapToObj(i -> new CompletableFuture<Reply>())
                .toList();
        List<CompletableFuture<Answer>> answers = held.stream()
                .map(one -> {
                    int before = server.gateway.asked.size();
                    server.gateway.next(new AnswerTooLarge(MIB));
                    server.gateway.next(one);
                    CompletableFuture<Answer> answer = CompletableFuture.supplyAsync(() -> server.get(MESSAGES));
                    server.gateway.awaitAsked(before + 2);
                    return answer;
                })
                .toList();
        server.gateway.next(new AnswerTooLarge(MIB));
        Answer refused = server.get(MESSAGES);
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.headers()).containsKey("retry-after");
        assertThat(refused.body()).contains("Too many large answers");
        assertThat(server.get(MESSAGES).status()).as("a small answer").isEqualTo(200);

        held.forEach(one -> one.complete(messages(1, 100_000)));
        assertThat(answers)
                .allSatisfy(answer -> assertThat(answer.get().status()).isEqualTo(200));
        server.gateway.next(new AnswerTooLarge(MIB));
        server.gateway.next(messages(1, 100_000));
        assertThat(server.get(MESSAGES).status()).as("there is room again").isEqualTo(200);
    }

    @Test
    void readsFewerMessagesForAContextThanAnAnswerHasNoRoomFor() {
        server.gateway.next(new AnswerTooLarge(100 * MIB));
        server.gateway.next(new AnswerTooLarge(50 * MIB));
        server.gateway.next(messages(2, 10));
        assertThat(server.post("/api/v1/users/u1/context", "{\"session_id\":\"s1\"}")
                        .status())
                .isEqualTo(200);
        assertThat(server.gateway.asked.stream()
                        .limit(3)
                        .map(asked -> ((ReadHistory) ((ToSession) asked.request()).request())
                                .page()
                                .limit()))
                .containsExactly(100, 50, 25);
    }

    @Test
    void listsKnowledgeThatNeedsMoreRoom() {
        server.gateway.next(new AnswerTooLarge(MIB));
        server.gateway.next(new KnowledgeRead(List.of()));
        assertThat(server.get("/api/v1/users/u1/knowledge").status()).isEqualTo(200);
        assertThat(server.gateway.asked)
                .extracting(asked -> ((ListKnowledge) asked.request()).maxBytes() >= MIB)
                .containsExactly(false, true);
    }
}
