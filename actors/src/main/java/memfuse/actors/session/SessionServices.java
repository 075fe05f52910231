package memfuse.actors.session;

import memfuse.actors.turns.UserTurns;
import memfuse.protocol.flush.FlushProtocol;
import memfuse.protocol.store.LayerStore;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What a session's actor needs of its node.
 *
 * @param storeThreads for blocking work
 * @param flush the node's flush coordinator
 */
public record SessionServices(
        SessionSettings settings,
        LayerStore store,
        UserTurns storeThreads,
        UnitSplitter splitter,
        UnitEmbedder embedder,
        ActorRef<FlushProtocol.Command> flush,
        FactLayer facts) {}
