package memfuse.cluster.sharding;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import memfuse.actors.user.ActiveUsers;
import memfuse.actors.user.UserActor.StoredElsewhere;
import memfuse.actors.user.UserActor.VectorsStored;
import memfuse.protocol.CborSerializable;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.store.BacklogShare;
import memfuse.protocol.store.UnitVector;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.pubsub.Topic;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;

/**
 * How the nodes of a cluster share what waits for an embedding in the store: each user falls to one of them, and the node
 * on which the user is awake hears of what another one stored. Thread-safe.
 *
 * <p>While nodes come and go two of them may embed the same unit; the store takes one embedding of it. Word to another node
 * may be lost with the connection; then the unit is found by its words there until the user's index is loaded anew.
 */
public final class EmbeddingShares {
    /** As long as the user's own node may take to store an embedding that it was making when the unit was flushed. */
    private static final Duration MIN_AGE = Duration.ofSeconds(5);

    private final Cluster cluster;
    private final ActiveUsers activeUsers;
    private final ActorRef<Topic.Command<Stored>> others;

    /** Embeddings of a user's units are in the store. */
    record Stored(String userId, List<UnitKey> keys) implements CborSerializable {
        Stored {
            keys = List.copyOf(keys);
        }
    }

    private EmbeddingShares(Cluster cluster, ActiveUsers activeUsers, ActorRef<Topic.Command<Stored>> others) {
        this.cluster = cluster;
        this.activeUsers = activeUsers;
        this.others = others;
    }

    /** Starts on a node that is a member of its cluster. */
    public static EmbeddingShares start(ActorSystem<?> system, ActiveUsers activeUsers) {
        ActorRef<Topic.Command<Stored>> topic =
                system.systemActorOf(Topic.create(Stored.class, "stored-vectors"), "stored-vectors", Props.empty());
        ActorRef<Stored> listener =
                system.systemActorOf(listener(activeUsers), "stored-vectors-listener", Props.empty());
        topic.tell(Topic.subscribe(listener));
        return new EmbeddingShares(Cluster.get(system), activeUsers, topic);
    }

    private static Behavior<Stored> listener(ActiveUsers activeUsers) {
        return Behaviors.receiveMessage(stored -> {
            activeUsers.tell(stored.userId(), new StoredElsewhere(stored.keys()));
            return Behaviors.same();
        });
    }

    /** What this node embeds, as it sees the cluster now. */
    public BacklogShare ours() {
        List<Member> nodes = StreamSupport.stream(cluster.state().getMembers().spliterator(), false)
                .filter(member -> member.status().equals(MemberStatus.up()))
                .sorted(Member.ordering())
                .toList();
        int place = nodes.indexOf(cluster.selfMember());
        return nodes.size() <= 1 || place < 0 ? BacklogShare.ALL : new BacklogShare(place, nodes.size(), MIN_AGE);
    }

    /** Tells whoever is concerned, here or on another node, of embeddings that this node has stored. */
    public Consumer<List<UnitVector>> tell() {
        return vectors -> vectors.stream()
                .collect(Collectors.groupingBy(UnitVector::userId))
                .forEach((userId, ofUser) -> {
                    if (!activeUsers.tell(userId, new VectorsStored(ofUser)) && ours().of() > 1) {
                        others.tell(Topic.publish(new Stored(
                                userId, ofUser.stream().map(UnitVector::key).toList())));
                    }
                });
    }
}
