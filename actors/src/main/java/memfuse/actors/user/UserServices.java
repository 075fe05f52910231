package memfuse.actors.user;

import java.time.InstantSource;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import memfuse.actors.retrieval.MemoryIndex;
import memfuse.actors.session.SessionServices;
import memfuse.actors.turns.UserTurns;
import memfuse.protocol.directory.Directory;
import memfuse.protocol.store.LayerStore;
import memfuse.protocol.user.UserProtocol;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What a user's actor needs of its node.
 *
 * @param knowledge where the users' knowledge goes
 * @param storeThreads for blocking work
 * @param searchThreads for searches that take long
 * @param newIndex makes an empty index for the node's embedding model
 * @param failures shared by the users of the node
 * @param counters are told what the user has awake and unflushed
 * @param mayServe whether users may live on this node now; while not, they answer nothing but that they move
 * @param passivate asks the shard to stop this user when no messages are on their way; it answers with {@link
 *     UserActor.Stop}
 */
public record UserServices(
        UserSettings settings,
        Directory directory,
        LayerStore store,
        KnowledgeServices knowledge,
        UserTurns storeThreads,
        UserTurns searchThreads,
        SessionServices sessions,
        QueryEmbedder queryEmbedder,
        Supplier<MemoryIndex> newIndex,
        ActiveUsers activeUsers,
        IndexBudget indexes,
        FailureLog failures,
        UserCounters counters,
        InstantSource clock,
        BooleanSupplier mayServe,
        Consumer<ActorRef<UserProtocol.Command>> passivate) {}
