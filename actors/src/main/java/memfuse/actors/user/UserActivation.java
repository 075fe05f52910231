package memfuse.actors.user;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.Session;
import memfuse.protocol.user.UserProtocol;
import memfuse.protocol.user.UserProtocol.Command;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Request;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.StashBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The first moments of a user's actor: it reads which sessions the user has and which of them are dirty, and holds
 * requests meanwhile. A user who does not exist, or a store that does not answer, is told to everybody who asks until
 * the shard has stopped the actor; the next request starts it anew.
 */
final class UserActivation {
    /**
     * What a user's actor starts from.
     *
     * @param exists whether there is such a user
     * @param dirtySessions ids of sessions with journaled messages that are not in the layers
     */
    record UserState(boolean exists, List<Session> sessions, List<String> dirtySessions) {}

    private record Loaded(
            @Nullable UserState state, @Nullable Throwable failure) implements UserProtocol.Internal {}

    private UserActivation() {}

    static Behavior<Command> create(String userId, UserServices services) {
        int capacity = services.settings().maxInFlight();
        return Behaviors.setup(context -> Behaviors.withStash(capacity, stash -> {
            context.pipeToSelf(
                    CompletableFuture.supplyAsync(
                            () -> load(userId, services),
                            services.storeThreads().of(userId)),
                    Loaded::new);
            return loading(context, stash, userId, services);
        }));
    }

    private static UserState load(String userId, UserServices services) {
        if (services.directory().find(EntityKind.USER, userId).isEmpty()) {
            return new UserState(false, List.of(), List.of());
        }
        return new UserState(
                true,
                services.directory().sessions(userId, null, null),
                services.store().dirtySessions(userId));
    }

    private static Behavior<Command> loading(
            ActorContext<Command> context, StashBuffer<Command> stash, String userId, UserServices services) {
        return Behaviors.receive(Command.class)
                .onMessage(Loaded.class, loaded -> {
                    UserState state = loaded.state();
                    if (state == null) {
                        services.failures().userNotRead(userId, loaded.failure());
                        return stash.unstashAll(refusing(context, services, Refusals.storeFailed(loaded.failure())));
                    }
                    return stash.unstashAll(
                            state.exists()
                                    ? UserActor.active(userId, services, state)
                                    : refusing(context, services, Refusals.userNotFound(userId)));
                })
                .onMessage(Request.class, request -> {
                    if (stash.isFull()) {
                        request.replyTo().tell(Refusals.overloaded("userMaxInFlight=" + stash.capacity()));
                    } else {
                        stash.stash(request);
                    }
                    return Behaviors.same();
                })
                .onMessage(UserActor.Stop.class, stop -> {
                    stash.forEach(UserActivation::refuseToMove);
                    return Behaviors.stopped();
                })
                .onAnyMessage(message -> Behaviors.same())
                .build();
    }

    private static void refuseToMove(Command stashed) {
        if (stashed instanceof Request request) {
            request.replyTo().tell(Refusals.unavailable(Refusals.MOVES));
        }
    }

    /** Answers every request with the refusal until the shard stops the actor. */
    static Behavior<Command> refusing(ActorContext<Command> context, UserServices services, Refused refusal) {
        services.passivate().accept(context.getSelf());
        return Behaviors.receive(Command.class)
                .onMessage(Request.class, request -> {
                    request.replyTo().tell(refusal);
                    return Behaviors.same();
                })
                .onMessage(UserActor.Stop.class, stop -> Behaviors.stopped())
                .onAnyMessage(message -> Behaviors.same())
                .build();
    }
}
