package memfuse.cluster.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.user.UserProtocol.Awake;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.Wake;
import org.apache.pekko.actor.DeadLetter;
import org.apache.pekko.actor.Dropped;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LostRequestsTest {
    private final ActorTestKit kit = ActorTestKit.create();

    @Test
    void refusesWhatTheShardingDroppedAndWhatAnEndedUserDidNotTake() {
        kit.spawn(LostRequests.create());
        TestProbe<Reply> asking = kit.createTestProbe();
        Wake request = new Wake(asking.getRef());
        var nobody = Adapter.toClassic(kit.system().deadLetters());
        Dropped dropped = new Dropped(new ShardingEnvelope<>("u", request), "moves", nobody, nobody);
        asking.awaitAssert(() -> {
            kit.system().eventStream().tell(new EventStream.Publish<>(dropped));
            assertThat(asking.receiveMessage()).isEqualTo(new Refused(ErrorCode.UNAVAILABLE, "the user moves", null));
            return null;
        });
        kit.system().deadLetters().tell(dropped);
        assertThat(asking.receiveMessage()).isInstanceOf(Refused.class);
        kit.system().eventStream().tell(new EventStream.Publish<>(new DeadLetter(request, nobody, nobody)));
        assertThat(asking.receiveMessage()).isInstanceOf(Refused.class);
    }

    @Test
    void refusesWhatIsLargerThanNodesCanTellEachOther() {
        kit.spawn(LostRequests.create());
        TestProbe<Reply> asking = kit.createTestProbe();
        var nobody = Adapter.toClassic(kit.system().deadLetters());
        Dropped request = new Dropped(
                new ShardingEnvelope<>("u", new Wake(asking.getRef())),
                "Discarding oversized payload sent to [x]: max allowed size [1] bytes.",
                nobody,
                nobody);
        Dropped reply = new Dropped(
                new Awake(),
                "Discarding oversized payload sent to [x]: max allowed size [1] bytes.",
                nobody,
                Adapter.toClassic(asking.getRef()));
        for (Dropped tooLarge : List.of(request, reply)) {
            asking.awaitAssert(() -> {
                kit.system().eventStream().tell(new EventStream.Publish<>(tooLarge));
                assertThat(asking.receiveMessage())
                        .isEqualTo(new Refused(
                                ErrorCode.INVALID, "this is larger than what nodes can tell each other", null));
                return null;
            });
        }
    }

    @AfterAll
    void shutDown() {
        kit.shutdownTestKit();
    }
}
