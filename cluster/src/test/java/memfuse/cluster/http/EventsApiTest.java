package memfuse.cluster.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import memfuse.cluster.http.ApiServer.Answer;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.session.SessionEvent;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.user.UserProtocol.EventsRead;
import memfuse.protocol.user.UserProtocol.ReadEvents;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code GET /sessions/{id}/events} as a client sees it. */
class EventsApiTest {
    private static final String EVENTS = "/api/v1/sessions/s1/events";
    private static final Watermarks WATERMARKS = new Watermarks(2, 1, 1, 0);
    private static final Refused MOVED = new Refused(ErrorCode.UNAVAILABLE, "moved", null);

    private final ApiServer server = new ApiServer();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void tellsEventsAsTheyComeAndEndsWhenTheUserMoves() throws Exception {
        server.gateway.next(new EventsRead(List.of(), "e-0"));
        server.gateway.next(
                new EventsRead(List.of(event("e-1", SessionEvent.Type.APPENDED, List.of(2L), List.of("m2"))), "e-1"));
        server.gateway.next(new EventsRead(List.of(), "e-1"));
        server.gateway.next(new EventsRead(
                List.of(
                        event("e-2", SessionEvent.Type.FLUSHED, List.of(), List.of()),
                        event("e-3", SessionEvent.Type.DELETED, List.of(1L), List.of("m1"))),
                "e-3"));
        server.gateway.next(MOVED);

        String watermarks = "\"watermarks\":{\"journaled\":2,\"transferred\":1,\"m0\":1,\"m1\":0,\"m2\":0}}";
        assertThat(lines(null))
                .containsExactly(
                        "retry: 1000",
                        "",
                        "id: e-1",
                        "event: appended",
                        "data: {\"session_id\":\"s1\",\"seqs\":[2],\"message_ids\":[\"m2\"]," + watermarks,
                        "",
                        ":",
                        "",
                        "id: e-2",
                        "event: flushed",
                        "data: {\"session_id\":\"s1\",\"seqs\":[],\"message_ids\":[]," + watermarks,
                        "",
                        "id: e-3",
                        "event: deleted",
                        "data: {\"session_id\":\"s1\",\"seqs\":[1],\"message_ids\":[\"m1\"]," + watermarks,
                        "");
        assertThat(server.gateway.asked)
                .extracting(asked -> ((ReadEvents) asked.request()).afterId())
                .containsExactly(null, "e-0", "e-1", "e-1", "e-3");
    }

    @Test
    void goesOnAfterTheLastEventThatTheClientHasSeen() throws Exception {
        server.gateway.next(new EventsRead(List.of(), "e-9"));
        server.gateway.next(MOVED);
        lines("e-7");

        assertThat(server.gateway.asked)
                .extracting(asked -> ((ReadEvents) asked.request()).afterId())
                .containsExactly(null, "e-7");
    }

    @Test
    void endsStreamsWhenTheServerStops() throws Exception {
        server.gateway.next(new EventsRead(List.of(), "e-0"));
        CompletableFuture<Reply> never = new CompletableFuture<>();
        server.gateway.next(never);
        HttpURLConnection connection = connect(null);
        try (BufferedReader reader = reader(connection)) {
            assertThat(reader.readLine()).isEqualTo("retry: 1000");
            server.api.stopTakingRequests();
            assertThat(reader.readLine()).isEmpty();
            assertThat(reader.readLine()).isNull();
        }
    }

    @Test
    void refusesWhatTheUserRefuses() {
        server.gateway.next(new Refused(ErrorCode.NOT_FOUND, "Session with ID 's1' not found", "session_id"));
        Answer answer = server.get(EVENTS);
        assertThat(answer.status()).isEqualTo(404);
        assertThat(server.get("/api/v1/sessions/none/events").status()).isEqualTo(404);
    }

    @Test
    void boundsTheStreamsOfANode() throws Exception {
        int most = ApiServer.SETTINGS.maxConnections() / 2;
        for (int i = 0; i < most + 10; i++) {
            server.gateway.next(new Refused(ErrorCode.UNAVAILABLE, "moved", null));
            assertThat(server.get(EVENTS).status())
                    .as("a stream that was refused holds no place")
                    .isEqualTo(503);
        }
        for (int i = 0; i < most + 10; i++) {
            server.gateway.next(new EventsRead(List.of(), "e-0"));
            server.gateway.next(MOVED);
            assertThat(lines(null)).as("a stream that has ended holds no place").hasSize(2);
        }
    }

    /** The client is gone before it is answered, so its stream is never begun and never ends. */
    @Test
    void countsNoStreamWhoseClientWentAwayBeforeItsAnswer() throws Exception {
        int most = ApiServer.SETTINGS.maxConnections() / 2;
        for (int i = 0; i < most; i++) {
            CompletableFuture<Reply> head = new CompletableFuture<>();
            server.gateway.next(head);
            try (RawConnection connection = new RawConnection(server.root)) {
                connection.send("GET " + EVENTS + " HTTP/1.1\r\nHost: x\r\n\r\n");
                server.gateway.awaitAsked(i + 1);
                connection.abort();
            }
            for (int other = 0;
                    other < 5;
                    other++) { // time for the server to see it; too little proves nothing, and is right
                assertThat(server.get("/api/v1/sessions/s1").status()).isEqualTo(200);
            }
            head.complete(new EventsRead(List.of(), "e-0"));
        }
        server.now = server.now.plusSeconds(60);
        server.gateway.next(new EventsRead(List.of(), "e-0"));
        server.gateway.next(MOVED);
        assertThat(lines(null)).hasSize(2);
    }

    private static SessionEvent event(String id, SessionEvent.Type type, List<Long> seqs, List<String> ids) {
        return new SessionEvent(id, type, seqs, ids, WATERMARKS);
    }

    private HttpURLConnection connect(@Nullable String lastEventId) throws Exception {
        HttpURLConnection connection =
                (HttpURLConnection) server.root.resolve(EVENTS).toURL().openConnection();
        connection.setReadTimeout(30_000);
        if (lastEventId != null) {
            connection.setRequestProperty("Last-Event-ID", lastEventId);
        }
        assertThat(connection.getResponseCode()).isEqualTo(200);
        assertThat(connection.getContentType()).startsWith("text/event-stream");
        assertThat(connection.getHeaderField("Cache-Control")).isEqualTo("no-cache");
        return connection;
    }

    private static BufferedReader reader(HttpURLConnection connection) throws Exception {
        return new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8));
    }

    private List<String> lines(@Nullable String lastEventId) throws Exception {
        List<String> lines = new ArrayList<>();
        try (BufferedReader reader = reader(connect(lastEventId))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
            }
        }
        return lines;
    }
}
