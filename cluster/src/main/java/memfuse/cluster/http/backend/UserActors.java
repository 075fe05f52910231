package memfuse.cluster.http.backend;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import memfuse.cluster.http.output.Refusals;
import memfuse.protocol.user.UserProtocol.AnswerTooLarge;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.Request;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** Asks users' actors and turns what they answer into responses. */
public final class UserActors {
    /** How often a read is asked for with the room that it was said to need. */
    private static final int LARGE_READS = 3;

    private final UserGateway gateway;
    private final Executor continuations;
    private final AnswerBytes answers;

    /**
     * Asks through the gateway.
     *
     * @param continuations renders answers; may run them on the calling thread
     * @param answers bounds what reads may bring
     */
    public UserActors(UserGateway gateway, Executor continuations, AnswerBytes answers) {
        this.gateway = gateway;
        this.continuations = continuations;
        this.answers = answers;
    }

    /** A request whose answer may have so many bytes. */
    @FunctionalInterface
    public interface BoundedRequest {
        Request of(long maxBytes, ActorRef<Reply> replyTo);
    }

    /**
     * The answer to a read, however large. It is asked for with little room first; where that is not enough, the user's
     * actor says how much is, and it is asked for again once there is so much room for answers on this node.
     *
     * @param refused sees a refusal before it is answered
     * @param tooLarge the answer where no such answer is given, made of its bytes and the most that one may have
     */
    public <T extends Reply> CompletableFuture<HttpResponse> read(
            String userId,
            BoundedRequest request,
            Class<T> expected,
            Function<T, HttpResponse> render,
            Consumer<Refused> refused,
            TooLarge tooLarge) {
        return readAndThen(
                userId,
                request,
                expected,
                read -> CompletableFuture.completedFuture(render.apply(read)),
                refused,
                tooLarge);
    }

    /** What is answered in place of an answer that is too large. */
    @FunctionalInterface
    public interface TooLarge {
        CompletableFuture<HttpResponse> of(long bytes, long maxBytes);
    }

    /** As {@link #read}, and goes on with the expected reply while its room is kept. */
    public <T extends Reply> CompletableFuture<HttpResponse> readAndThen(
            String userId,
            BoundedRequest request,
            Class<T> expected,
            Function<T, CompletableFuture<HttpResponse>> next,
            Consumer<Refused> refused,
            TooLarge tooLarge) {
        Reader<T> reader = new Reader<>(userId, request, expected, next, refused, tooLarge);
        return reply(userId, replyTo -> request.of(AnswerBytes.COUNTED_FROM, replyTo))
                .thenCompose(reply -> reply instanceof AnswerTooLarge large
                        ? reader.readLarge(large, LARGE_READS)
                        : answer(reply, expected, next, refused));
    }

    /** One read that needs more room than is given without asking. */
    private final class Reader<T extends Reply> {
        private final String userId;
        private final BoundedRequest request;
        private final Class<T> expected;
        private final Function<T, CompletableFuture<HttpResponse>> next;
        private final Consumer<Refused> refused;
        private final TooLarge tooLarge;

        private Reader(
                String userId,
                BoundedRequest request,
                Class<T> expected,
                Function<T, CompletableFuture<HttpResponse>> next,
                Consumer<Refused> refused,
                TooLarge tooLarge) {
            this.userId = userId;
            this.request = request;
            this.expected = expected;
            this.next = next;
            this.refused = refused;
            this.tooLarge = tooLarge;
        }

        /** Reads with room for what the answer was to have; what it has grown by meanwhile is asked for once more. */
        private CompletableFuture<HttpResponse> readLarge(AnswerTooLarge large, int tries) {
            if (large.bytes() > answers.maxAnswerBytes()) {
                return tooLarge.of(large.bytes(), answers.maxAnswerBytes());
            }
            long room = Math.min(large.bytes() + large.bytes() / 8, answers.maxAnswerBytes());
            AnswerBytes.Share share = tries == 0 ? null : answers.tryTake(room);
            if (share == null) {
                return CompletableFuture.completedFuture(Refusals.tooManyAnswers());
            }
            return reply(userId, replyTo -> request.of(room, replyTo))
                    .thenCompose(reply -> {
                        if (reply instanceof AnswerTooLarge larger) {
                            share.giveBack();
                            return readLarge(larger, tries - 1);
                        }
                        return answer(reply, expected, next, refused)
                                .thenApply(answer -> answer.addAttribute(AnswerBytes.SHARE, share));
                    })
                    .whenComplete((answer, failure) -> {
                        if (failure != null) {
                            share.giveBack();
                        }
                    });
        }
    }

    private static <T extends Reply> CompletableFuture<HttpResponse> answer(
            Reply reply,
            Class<T> expected,
            Function<T, CompletableFuture<HttpResponse>> next,
            Consumer<Refused> refused) {
        if (reply instanceof Refused refusal) {
            refused.accept(refusal);
            return CompletableFuture.completedFuture(Refusals.of(refusal));
        }
        return next.apply(checked(expected, reply));
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
        return rendered(continuations, userId, request, expected, render, refused);
    }

    /**
     * As {@link #ask}, rendered on the thread that brings the reply, which is that of the user's actor: for short answers
     * that are as frequent as writes, and would cost as much again to hand over as to render.
     */
    public <T extends Reply> CompletableFuture<HttpResponse> askForReceipt(
            String userId,
            Function<ActorRef<Reply>, Request> request,
            Class<T> expected,
            Function<T, HttpResponse> render,
            Consumer<Refused> refused) {
        return rendered(Runnable::run, userId, request, expected, render, refused);
    }

    private <T extends Reply> CompletableFuture<HttpResponse> rendered(
            Executor executor,
            String userId,
            Function<ActorRef<Reply>, Request> request,
            Class<T> expected,
            Function<T, HttpResponse> render,
            Consumer<Refused> refused) {
        return Stages.continuedOn(executor, gateway.ask(userId, request)).thenApply(reply -> {
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
    public CompletableFuture<FlushedBuffers> flushAll() {
        return Stages.continuedOn(continuations, gateway.flushAll());
    }
}
