package memfuse.cluster.http.backend;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import memfuse.cluster.http.output.Refusals;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.Request;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** Asks users' actors and turns what they answer into responses. */
public final class UserActors {
    private final UserGateway gateway;
    private final Executor continuations;

    /**
     * Asks through the gateway.
     *
     * @param continuations renders answers; may run them on the calling thread
     */
    public UserActors(UserGateway gateway, Executor continuations) {
        this.gateway = gateway;
        this.continuations = continuations;
    }

    /**
     * The answer to a request: {@code render} of the expected reply, or the actor's refusal.
     *
     * @param refused sees a refusal before it is answered
     */
    public <T extends Reply> CompletableFuture<HttpResponse> ask(
            String userId,
            Function<ActorRef<Reply>, Request> request,
            Class<T> expected,
            Function<T, HttpResponse> render,
            Consumer<Refused> refused) {
        return Stages.continuedOn(continuations, gateway.ask(userId, request)).thenApply(reply -> {
            if (reply instanceof Refused refusal) {
                refused.accept(refusal);
                return Refusals.of(refusal);
            }
            return render.apply(checked(expected, reply));
        });
    }

    private static <T extends Reply> T checked(Class<T> expected, Reply reply) {
        if (!expected.isInstance(reply)) {
            throw new IllegalStateException(
                    "expected " + expected.getSimpleName() + " of the user's actor, got " + reply.getClass());
        }
        return expected.cast(reply);
    }

    public <T extends Reply> CompletableFuture<HttpResponse> ask(
            String userId,
            Function<ActorRef<Reply>, Request> request,
            Class<T> expected,
            Function<T, HttpResponse> render) {
        return ask(userId, request, expected, render, refusal -> {});
    }

    /**
     * Goes on with the expected reply, or answers with the actor's refusal.
     *
     * @param refused sees a refusal before it is answered
     */
    public <T extends Reply> CompletableFuture<HttpResponse> askAndThen(
            String userId,
            Function<ActorRef<Reply>, Request> request,
            Class<T> expected,
            Function<T, CompletableFuture<HttpResponse>> next,
            Consumer<Refused> refused) {
        return Stages.continuedOn(continuations, gateway.ask(userId, request)).thenCompose(reply -> {
            if (reply instanceof Refused refusal) {
                refused.accept(refusal);
                return CompletableFuture.completedFuture(Refusals.of(refusal));
            }
            return next.apply(checked(expected, reply));
        });
    }

    /** Goes on with the expected reply, or answers with the actor's refusal. */
    public <T extends Reply> CompletableFuture<HttpResponse> askAndThen(
            String userId,
            Function<ActorRef<Reply>, Request> request,
            Class<T> expected,
            Function<T, CompletableFuture<HttpResponse>> next) {
        return askAndThen(userId, request, expected, next, refusal -> {});
    }

    /** The actor's answer as it is. */
    public CompletableFuture<Reply> reply(String userId, Function<ActorRef<Reply>, Request> request) {
        return Stages.continuedOn(continuations, gateway.ask(userId, request));
    }

    /** See {@link UserGateway#flushAll()}. */
    public CompletableFuture<Integer> flushAll() {
        return Stages.continuedOn(continuations, gateway.flushAll());
    }
}
