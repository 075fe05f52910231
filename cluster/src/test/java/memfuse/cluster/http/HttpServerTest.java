package memfuse.cluster.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import memfuse.protocol.user.UserProtocol.Reply;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.junit.jupiter.api.Test;

/** The server comes and goes: it says why it cannot listen, and answers what it has begun before it leaves. */
class HttpServerTest {
    @Test
    void saysThatThePortIsInUse() {
        try (ApiServer server = new ApiServer()) {
            HttpSettings taken = ApiServer.onPort(server.root.getPort());
            assertThatThrownBy(() -> HttpServer.bind(server.system, taken, server.api)
                            .toCompletableFuture()
                            .join())
                    .isInstanceOf(CompletionException.class)
                    .cause()
                    .isInstanceOf(HttpBindException.class)
                    .hasMessage("cannot listen on 127.0.0.1:" + server.root.getPort() + ": the port is in use");
        }
    }

    @Test
    void answersWhatItHasBegunWhenTheSystemStops() throws Exception {
        ActorSystem<Void> system = ApiServer.newSystem();
        ApiServer server = new ApiServer(system, ApiServer.SETTINGS);
        CompletableFuture<Done> read = hold(system, CoordinatedShutdown.PhaseBeforeActorSystemTerminate());
        CompletableFuture<Reply> held = new CompletableFuture<>();
        server.gateway.next(held);
        try (RawConnection connection = new RawConnection(server.root)) {
            connection.send("GET /api/v1/sessions/s1/messages HTTP/1.1\r\nHost: x\r\n\r\n");
            server.gateway.awaitAsked(1);
            system.terminate();
            held.completeOnTimeout(new MessagesRead(List.of()), 300, TimeUnit.MILLISECONDS);
            assertThat(connection.answer().status()).isEqualTo(200);
            assertThat(connection.isClosedByServer()).isTrue();
        }
        letEnd(server, read);
    }

    @Test
    void refusesOnTheConnectionsItHasAfterItTakesNoMore() throws Exception {
        ActorSystem<Void> system = ApiServer.newSystem();
        ApiServer server = new ApiServer(system, ApiServer.SETTINGS);
        CompletableFuture<Done> said = hold(system, CoordinatedShutdown.PhaseBeforeServiceUnbind());
        try (RawConnection connection = new RawConnection(server.root)) {
            connection.send("GET /api/v1/health/live HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(connection.answer().status()).isEqualTo(200);
            system.terminate();
            awaitNoMoreConnections(server);
            connection.send("GET /api/v1/sessions/s1/messages HTTP/1.1\r\nHost: x\r\n\r\n");
            RawConnection.Answer answer = connection.answer();
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.head()).contains("connection: close");
            assertThat(connection.isClosedByServer()).isTrue();
        }
        letEnd(server, said);
    }

    /** Holds a stop of the system in this phase until what is returned is completed. */
    private static CompletableFuture<Done> hold(ActorSystem<Void> system, String phase) {
        CompletableFuture<Done> held = new CompletableFuture<>();
        CoordinatedShutdown.get(system).addTask(phase, "held-by-the-test", () -> held);
        return held;
    }

    private static void letEnd(ApiServer server, CompletableFuture<Done> held) throws Exception {
        held.complete(Done.getInstance());
        server.system.getWhenTerminated().toCompletableFuture().get(60, TimeUnit.SECONDS);
        server.close();
    }

    private static void awaitNoMoreConnections(ApiServer server) throws IOException {
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (System.nanoTime() < deadlineNanos) {
            try (RawConnection another = new RawConnection(server.root)) {
                another.abort();
            } catch (ConnectException refused) {
                return;
            }
        }
        throw new AssertionError("connections are still taken");
    }
}
