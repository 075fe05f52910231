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
    private static HttpSettings onPort(int port) {
        HttpSettings usual = ApiServer.SETTINGS;
        return new HttpSettings(
                usual.host(),
                port,
                usual.maxConnections(),
                usual.backlog(),
                usual.maxInFlight(),
                usual.maxInFlightBytes(),
                usual.maxQueueTime(),
                usual.maxBodyBytes(),
                usual.maxMessageBytes(),
                usual.maxMessagesPerRequest(),
                usual.maxAnswerBytes(),
                usual.maxInFlightAnswerBytes(),
                usual.maxWait(),
                usual.requestTimeout(),
                usual.shutdownTimeout());
    }

    @Test
    void saysThatThePortIsInUse() {
        try (ApiServer server = new ApiServer()) {
            HttpSettings taken = onPort(server.root.getPort());
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
        CompletableFuture<Done> read = new CompletableFuture<>();
        CoordinatedShutdown.get(system)
                .addTask(CoordinatedShutdown.PhaseBeforeActorSystemTerminate(), "client-has-read", () -> read);
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
        read.complete(Done.getInstance());
        system.getWhenTerminated().toCompletableFuture().get(60, TimeUnit.SECONDS);
        server.close();
    }

    @Test
    void refusesOnTheConnectionsItHasAfterItTakesNoMore() throws Exception {
        ActorSystem<Void> system = ApiServer.newSystem();
        ApiServer server = new ApiServer(system, ApiServer.SETTINGS);
        CompletableFuture<Done> said = new CompletableFuture<>();
        CoordinatedShutdown.get(system)
                .addTask(CoordinatedShutdown.PhaseBeforeServiceUnbind(), "client-was-told", () -> said);
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
        said.complete(Done.getInstance());
        system.getWhenTerminated().toCompletableFuture().get(60, TimeUnit.SECONDS);
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
