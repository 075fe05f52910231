package memfuse.cluster.http;

import static memfuse.cluster.http.ApiServer.NOW;
import static memfuse.cluster.http.ApiServer.NOW_TEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import memfuse.cluster.http.ApiServer.Answer;
import memfuse.cluster.http.access.AccessSettings;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.auth.Permissions;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.Session;
import memfuse.protocol.knowledge.KnowledgeBounds;
import memfuse.protocol.knowledge.SplitKnowledge;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.Role;
import memfuse.protocol.session.SessionProtocol.ReadInOrder;
import memfuse.protocol.testkit.InMemoryLayerStore;
import memfuse.protocol.transfer.ImportStore;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reload;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.ToSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Export and import as a client sees them, over a store that only keeps what it is given. */
class TransferApiTest {
    private static final String EXPORT = "/api/v1/users/u1/export";
    private static final String IMPORT = "/api/v1/users/u1/import";
    private static final String HEAD = "{\"type\":\"export\",\"format\":\"memfuse-export\",\"version\":1}";
    private static final String AGENT = "{\"type\":\"agent\",\"id\":\"a7\",\"name\":\"helper\"}";
    private static final String SESSION = "{\"type\":\"session\",\"id\":\"s7\",\"agent_id\":\"a7\",\"name\":\"talk\"}";
    private static final String ITEM = "{\"type\":\"knowledge\",\"id\":\"k\",\"content\":\"likes tea\"}";

    private final ApiServer server = new ApiServer();

    @AfterEach
    void stop() {
        server.close();
    }

    private static Message message(long seq, String content) {
        return new Message("m" + seq, seq, Role.USER, null, content, NOW, NOW.plusSeconds(seq), null, 2);
    }

    private static String messageLine(long seq, String content) {
        return "{\"type\":\"message\",\"session_id\":\"s7\",\"seq\":" + seq + ",\"id\":\"m" + seq
                + "\",\"role\":\"user\",\"content\":\"" + content + "\"}";
    }

    private static String end(int agents, int sessions, int messages, int knowledge) {
        return "{\"type\":\"end\",\"agents\":" + agents + ",\"sessions\":" + sessions + ",\"messages\":" + messages
                + ",\"knowledge\":" + knowledge + "}";
    }

    private static String file(String... lines) {
        return String.join("\n", lines) + "\n";
    }

    private static String good() {
        return file(HEAD, AGENT, SESSION, messageLine(1, "one"), messageLine(3, "three"), ITEM, end(1, 1, 2, 1));
    }

    @Test
    void exportsPageAfterPage() {
        server.directory.createSession(new Session("s2", "u1", "gone", "second", NOW, NOW));
        server.knowledge.add(
                "u1", List.of(new SplitKnowledge("k", "likes tea", List.of())), NOW, new KnowledgeBounds(9, 99));
        server.gateway.next(new MessagesRead(List.of(message(1, "one"), message(3, "three\nlines"))));
        server.gateway.next(new MessagesRead(List.of(message(4, "four"))));
        server.gateway.next(new MessagesRead(List.of()));
        server.gateway.next(new MessagesRead(List.of()));
        server.gateway.next(new MessagesRead(List.of()));

        Answer answer = server.get(EXPORT);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("content-type")).startsWith("application/x-ndjson");
        String times = "\"created_at\":\"" + NOW_TEXT + "\",\"updated_at\":\"" + NOW_TEXT + "\"}";
        assertThat(answer.body().lines())
                .containsExactly(
                        "{\"type\":\"export\",\"format\":\"memfuse-export\",\"version\":1,\"exported_at\":\"" + NOW_TEXT
                                + "\",\"user_id\":\"u1\",\"user_name\":\"ann\"}",
                        "{\"type\":\"agent\",\"id\":\"a1\",\"name\":\"helper\",\"description\":\"an agent\"}",
                        "{\"type\":\"session\",\"id\":\"s1\",\"agent_id\":\"a1\",\"name\":\"first\"," + times,
                        exported("s1", 1, "one"),
                        exported("s1", 3, "three\\nlines"),
                        exported("s1", 4, "four"),
                        "{\"type\":\"session\",\"id\":\"s2\",\"agent_id\":\"gone\",\"name\":\"second\"," + times,
                        "{\"type\":\"knowledge\",\"id\":\"k\",\"content\":\"likes tea\"," + times,
                        "{\"type\":\"end\",\"agents\":1,\"sessions\":2,\"messages\":3,\"knowledge\":1}");
        assertThat(server.gateway.asked)
                .extracting(asked -> ((ReadInOrder) ((ToSession) asked.request()).request())
                        .page()
                        .afterSeq())
                .containsExactly(0L, 3L, 4L, 0L, 0L);
    }

    private static String exported(String sessionId, long seq, String content) {
        return "{\"type\":\"message\",\"session_id\":\"" + sessionId + "\",\"seq\":" + seq + ",\"id\":\"m" + seq
                + "\",\"role\":\"user\",\"content\":\"" + content + "\",\"created_at\":\"" + NOW_TEXT
                + "\",\"updated_at\":\"2026-01-31T10:20:3" + seq + ".123456Z\"}";
    }

    @Test
    void asksAgainWhatIsRefusedForNow() {
        server.gateway.next(new Refused(ErrorCode.OVERLOADED, "too much", null));
        server.gateway.next(CompletableFuture.failedFuture(new TimeoutException("late")));
        server.gateway.next(new MessagesRead(List.of(message(1, "one"))));

        assertThat(server.get(EXPORT).body()).contains("\"content\":\"one\"").endsWith(end(1, 1, 1, 0) + "\n");
    }

    @Test
    void leavesOutASessionThatWasErasedBeforeItsTurn() {
        CompletableFuture<Reply> refusal = new CompletableFuture<>();
        server.gateway.next(refusal);
        CompletableFuture<Answer> answer = CompletableFuture.supplyAsync(() -> server.get(EXPORT));
        server.gateway.awaitAsked(1);
        new InMemoryLayerStore(server.directory, false).eraseSession("u1", "s1");
        refusal.complete(new Refused(ErrorCode.NOT_FOUND, "no such session", "session_id"));

        assertThat(answer.join().body().lines()).hasSize(3).last().isEqualTo(end(1, 0, 0, 0));
    }

    @Test
    void breaksOffWhereASessionOrTheUserIsErasedAmidIt() {
        server.gateway.next(new MessagesRead(List.of(message(1, "one"))));
        CompletableFuture<Reply> refusal = new CompletableFuture<>();
        server.gateway.next(refusal);
        CompletableFuture<Answer> answer = CompletableFuture.supplyAsync(() -> server.get(EXPORT));
        server.gateway.awaitAsked(2);
        new InMemoryLayerStore(server.directory, false).eraseSession("u1", "s1");
        refusal.complete(new Refused(ErrorCode.NOT_FOUND, "no such session", "session_id"));
        assertThatThrownBy(answer::join).hasRootCauseInstanceOf(IOException.class);

        server.gateway.reset();
        server.directory.createSession(new Session("s1", "u1", "a1", "first", NOW, NOW));
        CompletableFuture<Reply> last = new CompletableFuture<>();
        server.gateway.next(last);
        CompletableFuture<Answer> ofUser = CompletableFuture.supplyAsync(() -> server.get(EXPORT));
        server.gateway.awaitAsked(1);
        new InMemoryLayerStore(server.directory, false).eraseUser("u1");
        last.complete(new MessagesRead(List.of()));
        assertThatThrownBy(ofUser::join).hasRootCauseInstanceOf(IOException.class);
    }

    @Test
    void doesNotTakeASessionForErasedThatIsThere() {
        server.gateway.next(new Refused(ErrorCode.NOT_FOUND, "no such session", "session_id"));
        assertThatThrownBy(() -> server.get(EXPORT)).isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void boundsExportsAtATime() {
        List<CompletableFuture<Reply>> held = new ArrayList<>();
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < ApiServer.TRANSFER.maxConcurrent(); i++) {
            held.add(new CompletableFuture<>());
            server.gateway.next(held.get(i));
            answers.add(CompletableFuture.supplyAsync(() -> server.get(EXPORT)));
            server.gateway.awaitAsked(i + 1);
        }
        Answer refused = server.get(EXPORT);
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("retry-after")).isEqualTo("1");
        held.forEach(one -> one.complete(new MessagesRead(List.of())));
        answers.forEach(one -> assertThat(one.join().status()).isEqualTo(200));
        server.awaitStatus(200, EXPORT);
        for (int i = 0; i < 5; i++) {
            assertThat(server.get("/api/v1/users/nobody/export").status()).isEqualTo(404);
        }
        server.awaitStatus(200, EXPORT);
    }

    @Test
    void importsWhatAFileHas() {
        Answer answer = server.post(IMPORT, good());

        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        RecordedImports.Recorded stored = server.imports.stored.get(0);
        Session session = stored.sessions.get(0);
        assertThat(session.userId()).isEqualTo("u1");
        assertThat(session.name()).isEqualTo("talk");
        assertThat(session.createdAt()).isEqualTo(NOW);
        assertThat(stored.messages)
                .containsExactly(
                        new Message("m1", 1, Role.USER, null, "one", NOW, NOW, null, 3),
                        new Message("m3", 3, Role.USER, null, "three", NOW, NOW, null, 5));
        assertThat(stored.units).extracting(unit -> unit.key().sessionId()).containsOnly(session.id());
        assertThat(stored.knowledge).extracting(one -> one.item().content()).containsExactly("likes tea");
        JsonNode data = answer.json().path("data");
        assertThat(data.path("session_ids").path("s7").asText()).isEqualTo(session.id());
        assertThat(data.path("agent_ids").path("a7").asText())
                .isEqualTo(stored.agents.get(0).id());
        assertThat(data.path("messages").asInt()).isEqualTo(2);
        assertThat(server.gateway.onlyRequest()).isInstanceOf(Reload.class);
    }

    @Test
    void keepsAllThatAMessageHas() {
        String line = "{\"type\":\"message\",\"session_id\":\"s7\",\"seq\":5,\"id\":\"m\",\"role\":\"assistant\","
                + "\"name\":\"bo\",\"content\":\"x\",\"created_at\":\"2020-01-01T00:00:00.000001Z\","
                + "\"updated_at\":\"2021-01-01T00:00:00.000002Z\",\"metadata\":{\"n\":1.10,\"a\":[null]}}";
        assertThat(server.post(IMPORT, file(HEAD, SESSION, line, end(0, 1, 1, 0)))
                        .status())
                .isEqualTo(201);
        assertThat(server.imports.stored.get(0).messages)
                .containsExactly(new Message(
                        "m",
                        5,
                        Role.ASSISTANT,
                        "bo",
                        "x",
                        Instant.parse("2020-01-01T00:00:00.000001Z"),
                        Instant.parse("2021-01-01T00:00:00.000002Z"),
                        "{\"n\":1.10,\"a\":[null]}",
                        1));
    }

    @Test
    void answersTheSameFileAsBefore() {
        JsonNode first = server.post(IMPORT, good()).json();
        server.now = NOW.plusSeconds(99);
        Answer again = server.post(IMPORT, good());

        assertThat(again.status()).isEqualTo(200);
        assertThat(again.json().path("data")).isEqualTo(first.path("data"));
        assertThat(server.imports.stored).hasSize(1);
        assertThat(server.gateway.asked).as("the user is told again").hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                                                                    | 1 | type
            {                                                                     | 1 | 1
            []                                                                    | 1 | .
            {"type":"session","id":"s","agent_id":"a","name":"n"}                 | 1 | type
            {"type":"export","format":"zip","version":1}                          | 1 | format
            {"type":"export","format":"memfuse-export","version":2}               | 1 | version
            {"type":"export","format":"memfuse-export"}                           | 1 | version
            HEAD;                                                                 | 2 | type
            HEAD;HEAD;END                                                         | 2 | type
            HEAD;{"type":"poem"}                                                  | 2 | type
            HEAD;AGENT;AGENT                                                      | 3 | id
            HEAD;SESSION;SESSION                                                  | 3 | id
            HEAD;MESSAGE                                                          | 2 | session_id
            HEAD;SESSION;{"type":"message","session_id":"x","seq":1,"role":"user","content":"c"} | 3 | session_id
            HEAD;SESSION;{"type":"message","session_id":"s7","seq":0,"role":"user","content":"c"} | 3 | seq
            HEAD;SESSION;{"type":"message","session_id":"s7","seq":1,"role":"bard","content":"c"} | 3 | role
            HEAD;SESSION;{"type":"message","session_id":"s7","seq":1,"role":"user"} | 3 | content
            HEAD;SESSION;MESSAGE;MESSAGE                                          | 4 | seq
            HEAD;ITEM;ITEM                                                        | 3 | id
            HEAD;ITEM;SESSION                                                     | 3 | type
            HEAD;SESSION;AGENT                                                    | 3 | type
            HEAD;AGENT;SESSION;MESSAGE;ITEM                                       | 6 | type
            HEAD;AGENT;SESSION;END                                                | 4 | agents
            HEAD;END;ITEM                                                         | 3 | type
            """)
    void namesTheLineAndTheFieldOfWhatIsWrong(String lines, int line, String field) {
        String body = lines.replace("HEAD", HEAD)
                .replace("AGENT", AGENT)
                .replace("SESSION", SESSION)
                .replace("MESSAGE", messageLine(1, "one"))
                .replace("ITEM", ITEM)
                .replace("END", end(0, 0, 0, 0))
                .replace(';', '\n');
        Answer answer = server.post(IMPORT, body);

        assertThat(answer.status()).as(answer.body()).isEqualTo(422);
        JsonNode place = answer.json().at("/detail/0/loc");
        assertThat(place.path(0).asText()).isEqualTo("body");
        assertThat(place.path(1).asText()).isEqualTo("line");
        assertThat(place.path(2).asInt()).isEqualTo(line);
        assertThat(place.path(3).asText("."))
                .isEqualTo(field.equals("1") ? place.path(3).asText() : field);
        assertThat(server.imports.stored).isEmpty();
        assertThat(server.gateway.asked).isEmpty();
    }

    @Test
    void namesTheLineOfAMessageIdThatComesTwice() {
        String twice = messageLine(3, "three").replace("m3", "m1");
        Answer answer = server.post(
                IMPORT, file(HEAD, SESSION, messageLine(1, "one"), "", messageLine(2, "two"), twice, end(0, 1, 3, 0)));
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().at("/detail/0/loc")).hasToString("[\"body\",\"line\",6,\"id\"]");
    }

    @Test
    void refusesAMessageAndALineThatAreTooLarge() {
        int most = ApiServer.SETTINGS.maxMessageBytes();
        assertThat(server.post(IMPORT, file(HEAD, SESSION, messageLine(1, "x".repeat(most)), end(0, 1, 1, 0)))
                        .status())
                .isEqualTo(201);
        Answer message = server.post(IMPORT, file(HEAD, SESSION, messageLine(1, "x".repeat(most + 1))));
        assertThat(message.json().at("/detail/0/loc")).hasToString("[\"body\",\"line\",3,\"content\"]");
        assertThat(message.json().at("/detail/0/msg").asText()).contains("at most 1024 bytes", "not 1025");
        Answer line = server.post(IMPORT, file(HEAD, "{\"type\":\"agent\"" + " ".repeat(80 << 10) + "}"));
        assertThat(line.json().at("/detail/0/loc")).hasToString("[\"body\",\"line\",2,\"type\"]");
    }

    @Test
    void takesAFileThatIsLargerThanOtherBodiesUpToItsOwnBound() {
        String[] lines = IntStream.range(0, 220)
                .mapToObj(i -> i == 0 ? HEAD : i == 1 ? SESSION : messageLine(i, "x".repeat(900)))
                .toArray(String[]::new);
        String body = file(lines) + end(0, 1, 218, 0);
        assertThat(body.length())
                .isBetween(ApiServer.SETTINGS.maxBodyBytes(), (int) ApiServer.TRANSFER.maxImportBytes());
        Answer answer = server.post(IMPORT, body);
        assertThat(answer.status()).isEqualTo(201);
        assertThat(server.imports.stored.get(0).messages).hasSize(218);

        Answer tooLarge = server.post(IMPORT, body + " ".repeat((int) ApiServer.TRANSFER.maxImportBytes()));
        assertThat(tooLarge.status()).isEqualTo(413);
        assertThat(tooLarge.body()).contains("262144");
        assertThat(server.imports.stored).hasSize(1);
    }

    @Test
    void storesNothingOfABodyThatBreaksOff() throws Exception {
        byte[] part = file(HEAD, SESSION, messageLine(1, "one")).getBytes(StandardCharsets.UTF_8);
        String head = "POST " + IMPORT + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + (part.length + 100) + "\r\n\r\n";
        try (var socket = new Socket(server.root.getHost(), server.root.getPort())) {
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(part);
            socket.getOutputStream().flush();
        }
        assertThat(server.post(IMPORT, good()).status()).isEqualTo(201);
        assertThat(server.imports.stored).hasSize(1);
    }

    @Test
    void boundsImportsAtATime() throws InterruptedException {
        CountDownLatch held = new CountDownLatch(1);
        server.imports.held = held;
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < ApiServer.TRANSFER.maxConcurrent(); i++) {
            answers.add(CompletableFuture.supplyAsync(() -> server.post(IMPORT, good())));
        }
        server.imports.arrived.acquire(ApiServer.TRANSFER.maxConcurrent());
        Answer refused = server.post(IMPORT, good());
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("retry-after")).isEqualTo("1");
        held.countDown();
        answers.forEach(one -> assertThat(one.join().status()).isIn(200, 201));
    }

    @Test
    void tellsWhatTheStoreAndTheUserRefuse() {
        assertThat(server.post("/api/v1/users/nobody/import", good()).status()).isEqualTo(404);
        server.imports.refusal = new ImportStore.NoSuchUser();
        assertThat(server.post(IMPORT, good()).status()).isEqualTo(404);
        server.imports.refusal = new ImportStore.TooMuchKnowledge(101, 7);
        assertThat(server.post(IMPORT, good()).body()).contains("maxItems=100, items=101");
        server.imports.refusal = null;
        server.gateway.next(new Refused(ErrorCode.OVERLOADED, "too much", null));
        assertThat(server.post(IMPORT, good()).status()).as("it is stored").isEqualTo(503);
        assertThat(server.post(IMPORT, good()).status()).isEqualTo(200);
        server.gateway.next(new Refused(ErrorCode.NOT_FOUND, "User with ID 'u1' not found", "user_id"));
        assertThat(server.post(IMPORT, good()).status()).isEqualTo(404);
    }

    @Test
    void needsAKeyThatReadsOrWritesThisUser() {
        ApiServer withKeys = new ApiServer(new AccessSettings(true, Optional.empty(), 0));
        withKeys.directory.create(EntityKind.USER, new Entity("u2", "bob", null, NOW, NOW));
        String reads = withKeys.newKey("u1", Permissions.READ);
        String writes = withKeys.newKey("u1", Permissions.WRITE);
        String bobs = withKeys.newKey("u2", Permissions.READ_WRITE);

        assertThat(withKeys.sendAs(reads, "GET", EXPORT, "").status()).isEqualTo(200);
        assertThat(withKeys.sendAs(writes, "GET", EXPORT, "").status()).isEqualTo(403);
        assertThat(withKeys.sendAs(bobs, "GET", EXPORT, "").status()).isEqualTo(403);
        assertThat(withKeys.sendAs(reads, "POST", IMPORT, good()).status()).isEqualTo(403);
        assertThat(withKeys.sendAs(bobs, "POST", IMPORT, good()).status()).isEqualTo(403);
        assertThat(withKeys.imports.stored).isEmpty();
        assertThat(withKeys.sendAs(writes, "POST", IMPORT, good()).status()).isEqualTo(201);
        withKeys.close();
    }
}
