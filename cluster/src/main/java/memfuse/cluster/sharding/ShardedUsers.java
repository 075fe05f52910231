package memfuse.cluster.sharding;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import memfuse.actors.user.ActiveUsers;
import memfuse.actors.user.UserActor;
import memfuse.actors.user.UserServices;
import memfuse.cluster.http.backend.FlushedBuffers;
import memfuse.cluster.http.backend.UserGateway;
import memfuse.protocol.store.LayerStore;
import memfuse.protocol.user.UserProtocol.Command;
import memfuse.protocol.user.UserProtocol.FlushUser;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.Request;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.cluster.sharding.ClusterShardingHealthCheck;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.apache.pekko.pattern.Patterns;
import scala.jdk.javaapi.FutureConverters;

/**
 * The users' actors behind cluster sharding: a shard is a hash of the user's id, and all of a user's sessions live where
 * the user does. Thread-safe.
 */
public final class ShardedUsers implements UserGateway {
    /** The entity type; part of the wire format. */
    static final EntityTypeKey<Command> USERS = EntityTypeKey.create(Command.class, "users");

    /** Looks at whether the region is known to the cluster, and the pause between two. */
    private static final int REGISTRATION_TRIES = 500;

    private static final Duration REGISTRATION_INTERVAL = Duration.ofMillis(100);

    private final ActorSystem<?> system;
    private final ActorRef<ShardingEnvelope<Command>> region;
    private final ActiveUsers activeUsers;
    private final JournalFlush journalFlush;
    private final Duration askTimeout;

    private ShardedUsers(
            ActorSystem<?> system,
            ActorRef<ShardingEnvelope<Command>> region,
            ActiveUsers activeUsers,
            LayerStore store,
            Executor storeExecutor,
            Duration askTimeout) {
        this.system = system;
        this.region = region;
        this.activeUsers = activeUsers;
        this.journalFlush = new JournalFlush(
                store, storeExecutor, (userId, limit) -> ask(userId, FlushUser::new, limit), System::nanoTime);
        this.askTimeout = askTimeout;
    }

    /**
     * Starts the region on this node.
     *
     * @param services what the users on this node work with, given what asks their shard to stop them
     * @param store says what is to be flushed
     * @param storeExecutor for blocking work
     * @param askTimeout the longest wait for an answer
     */
    public static ShardedUsers start(
            ActorSystem<?> system,
            ActiveUsers activeUsers,
            LayerStore store,
            Executor storeExecutor,
            Duration askTimeout,
            UserServicesFactory services) {
        ActorRef<ShardingEnvelope<Command>> region = ClusterSharding.get(system)
                .init(Entity.of(USERS, entity -> {
                            UserServices ofUser = services.create(
                                    user -> entity.getShard().tell(new ClusterSharding.Passivate<>(user)));
                            return UserActor.create(entity.getEntityId(), ofUser);
                        })
                        .withStopMessage(new UserActor.Stop()));
        system.systemActorOf(LostRequests.create(), "lost-requests", Props.empty());
        return new ShardedUsers(system, region, activeUsers, store, storeExecutor, askTimeout);
    }

    /** Completes when the cluster knows that users can live on this node. */
    public CompletionStage<Done> whenRegistered() {
        ClusterShardingHealthCheck registered = new ClusterShardingHealthCheck(system.classicSystem());
        return Patterns.retry(
                () -> FutureConverters.asJava(registered.apply()).thenApply(ShardedUsers::requireRegistered),
                REGISTRATION_TRIES,
                REGISTRATION_INTERVAL,
                system.classicSystem());
    }

    private static Done requireRegistered(Object registered) {
        if (registered instanceof Boolean known && known) {
            return Done.getInstance();
        }
        throw new IllegalStateException("the cluster does not know yet that users can live on this node");
    }

    /** Makes the services of one user. */
    @FunctionalInterface
    public interface UserServicesFactory {
        UserServices create(Consumer<ActorRef<Command>> passivate);
    }

    @Override
    public CompletionStage<Reply> ask(String userId, Function<ActorRef<Reply>, Request> request) {
        return ask(userId, request, askTimeout);
    }

    private CompletionStage<Reply> ask(String userId, Function<ActorRef<Reply>, Request> request, Duration limit) {
        return AskPattern.ask(
                region, replyTo -> new ShardingEnvelope<>(userId, request.apply(replyTo)), limit, system.scheduler());
    }

    @Override
    public CompletionStage<FlushedBuffers> flushAll() {
        return journalFlush.flush(askTimeout);
    }

    /**
     * Flushes all users that are awake on this node, and waits for that at most so long.
     *
     * @return how many sessions were flushed; fails where it is not all of them
     */
    public CompletionStage<Integer> flushThisNode(Duration limit) {
        List<CompletionStage<Reply>> replies = activeUsers.all().stream()
                .map(user -> AskPattern.<Command, Reply>ask(user, FlushUser::new, limit, system.scheduler()))
                .toList();
        return UserFlushes.sum(replies).thenApply(flushed -> {
            if (!flushed.isWhole()) {
                throw new IllegalStateException("users left: " + flushed.usersLeft());
            }
            return flushed.sessions();
        });
    }
}
