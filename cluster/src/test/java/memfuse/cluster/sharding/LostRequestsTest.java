package memfuse.cluster.sharding;

import java.time.Duration;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.Wake;
import org.apache.pekko.actor.ActorRef;
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
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Reply MOVES = new Refused(ErrorCode.UNAVAILABLE, "the user moves", null);

    private final ActorTestKit kit = ActorTestKit.create();
    private final ActorRef nobody = Adapter.toClassic(kit.system().deadLetters());

    @Test
    void refusesWhatTheShardingDroppedAndWhatAnEndedUserDidNotTake() {
        kit.spawn(LostRequests.create());
        kit.createTestProbe()
                .awaitAssert(
                        LIMIT,
                        Duration.ofMillis(10),
                        () -> { // it listens when it has answered once
                            TestProbe<Reply> early = kit.createTestProbe();
                            kit.system().eventStream().tell(new EventStream.Publish<>(dropped(early)));
                            early.expectMessage(Duration.ofMillis(500), MOVES);
                            return early;
                        });

        TestProbe<Reply> asking = kit.createTestProbe();
        kit.system().deadLetters().tell(dropped(asking));
        asking.expectMessage(LIMIT, MOVES);
        kit.system()
                .eventStream()
                .tell(new EventStream.Publish<>(new DeadLetter(new Wake(asking.getRef()), nobody, nobody)));
        asking.expectMessage(LIMIT, MOVES);
    }

    private Dropped dropped(TestProbe<Reply> asking) {
        return new Dropped(new ShardingEnvelope<>("u", new Wake(asking.getRef())), "moves", nobody, nobody);
    }

    @AfterAll
    void shutDown() {
        kit.shutdownTestKit();
    }
}
