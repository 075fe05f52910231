package memfuse.cluster.membership;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.ClusterEvent.ClusterDomainEvent;
import org.apache.pekko.cluster.ClusterEvent.CurrentClusterState;
import org.apache.pekko.cluster.ClusterEvent.MemberEvent;
import org.apache.pekko.cluster.ClusterEvent.ReachabilityEvent;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Subscribe;

/** Keeps a node's {@link Tenure} true: a thread of its own beats, and an actor sees who is reached. */
public final class TenureWatch {
    private static final Duration BEAT = Duration.ofMillis(250);
    private static final Set<MemberStatus> COUNTED = Set.of(MemberStatus.up(), MemberStatus.leaving());

    private TenureWatch() {}

    /** Starts on a node that is a member; ends with the actor system. */
    public static BooleanSupplier start(ActorSystem<?> system) {
        Tenure tenure = new Tenure(System::nanoTime);
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread beating = new Thread(task, "memfuse-tenure");
            beating.setDaemon(true);
            return beating;
        });
        var unused = thread.scheduleAtFixedRate(tenure::beat, 0, BEAT.toMillis(), TimeUnit.MILLISECONDS);
        system.getWhenTerminated().whenComplete((done, failure) -> thread.shutdownNow());
        Cluster cluster = Cluster.get(system);
        look(tenure, cluster);
        system.systemActorOf(watch(tenure, cluster), "tenure", Props.empty());
        return tenure;
    }

    private static Behavior<ClusterDomainEvent> watch(Tenure tenure, Cluster cluster) {
        return Behaviors.setup(context -> {
            var subscriptions = org.apache.pekko.cluster.typed.Cluster.get(context.getSystem())
                    .subscriptions();
            subscriptions.tell(Subscribe.create(context.getSelf().narrow(), MemberEvent.class));
            subscriptions.tell(Subscribe.create(context.getSelf().narrow(), ReachabilityEvent.class));
            return Behaviors.receive(ClusterDomainEvent.class)
                    .onAnyMessage(event -> {
                        look(tenure, cluster);
                        return Behaviors.same();
                    })
                    .build();
        });
    }

    /** The rule is that of the split brain resolver's keep-majority. */
    private static void look(Tenure tenure, Cluster cluster) {
        CurrentClusterState state = cluster.state();
        List<Member> members = StreamSupport.stream(state.getMembers().spliterator(), false)
                .filter(member -> COUNTED.contains(member.status()))
                .toList();
        Set<Member> unreachable = state.getUnreachable();
        long reached =
                members.stream().filter(member -> !unreachable.contains(member)).count();
        boolean lowestReached = members.stream()
                .min(Comparator.comparing(Member::address, Member.addressOrdering()))
                .filter(member -> !unreachable.contains(member))
                .isPresent();
        boolean most = reached * 2 > members.size() || (reached * 2 == members.size() && lowestReached);
        tenure.see(members.size() <= 1, !members.isEmpty() && !most);
        MemberStatus self = cluster.selfMember().status();
        if (self.equals(MemberStatus.down()) || self.equals(MemberStatus.removed())) {
            tenure.end();
        }
    }
}
