package memfuse.cluster.sharding;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.user.UserProtocol.Awake;
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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LostRequestsTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Reply MOVES = new Refused(ErrorCode.UNAVAILABLE, "the user moves", null);
    private static final Reply TOO_LARGE =
            new Refused(ErrorCode.INVALID, "this is larger than what nodes can tell each other", null);

    /** As the remoting says it. */
    private static final String OVERSIZED = "Discarding oversized payload sent to [x]: max allowed size [1] bytes.";

    private final ActorTestKit kit = ActorTestKit.create();
    private final ActorRef nobody = Adapter.toClassic(kit.system().deadLetters());

    /** It listens when it has answered once. */
    @BeforeAll
    void listen() {
        kit.spawn(LostRequests.create());
        kit.createTestProbe().awaitAssert(LIMIT, Duration.ofMillis(10), () -> {
            TestProbe<Reply> early = kit.createTestProbe();
            publish(dropped(early, "moves"));
            early.expectMessage(Duration.ofMillis(500), MOVES);
            return early;
        });
    }

    @Test
    void refusesWhatTheShardingDroppedAndWhatAnEndedUserDidNotTake() {
        TestProbe<Reply> asking = kit.createTestProbe();
        kit.system().deadLetters().tell(dropped(asking, "moves"));
        asking.expectMessage(LIMIT, MOVES);
        publish(new DeadLetter(new Wake(asking.getRef()), nobody, nobody));
        asking.expectMessage(LIMIT, MOVES);
    }

    @Test
    void refusesWhatIsLargerThanNodesCanTellEachOther() {
        List<Function<TestProbe<Reply>, Dropped>> tooLarge = List.of(
                asking -> dropped(asking, OVERSIZED),
                asking -> new Dropped(new Awake(), OVERSIZED, nobody, Adapter.toClassic(asking.getRef())));
        for (Function<TestProbe<Reply>, Dropped> message : tooLarge) {
            TestProbe<Reply> asking = kit.createTestProbe();
            publish(message.apply(asking));
            asking.expectMessage(LIMIT, TOO_LARGE);
        }
    }

    private Dropped dropped(TestProbe<Reply> asking, String reason) {
        return new Dropped(new ShardingEnvelope<>("u", new Wake(asking.getRef())), reason, nobody, nobody);
    }

    private void publish(Object event) {
        kit.system().eventStream().tell(new EventStream.Publish<>(event));
    }

    @AfterAll
    void shutDown() {
        kit.shutdownTestKit();
    }
}
