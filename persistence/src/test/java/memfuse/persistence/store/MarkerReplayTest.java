package memfuse.persistence.store;

import static memfuse.protocol.testkit.FlushBuilder.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import memfuse.persistence.database.JournalConfig;
import memfuse.persistence.store.EventLog.Seen;
import memfuse.protocol.session.SessionProtocol;
import memfuse.protocol.session.SessionProtocol.Event;
import memfuse.protocol.session.SessionProtocol.Flushed;
import memfuse.protocol.session.SessionProtocol.MessagesDeleted;
import memfuse.protocol.session.SessionProtocol.RoundAppended;
import memfuse.protocol.store.LayerStore;
import memfuse.protocol.testkit.LayerStoreFixture;
import memfuse.protocol.testkit.LayerStoreTestBase;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an event-sourced actor finds in the journal after a flush. */
final class MarkerReplayTest extends LayerStoreTestBase {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @RegisterExtension
    static final LayersDatabase POSTGRES = new LayersDatabase();

    @Override
    protected LayerStoreFixture newFixture() {
        return POSTGRES.cleared();
    }

    @Test
    void replaysTheMarkerAndTheLaterEventsAlone() {
        session("u", "s");
        RoundAppended first = new RoundAppended(List.of(message(1), message(2)));
        RoundAppended second = new RoundAppended(List.of(message(3)));
        MessagesDeleted third = new MessagesDeleted(List.of(1L));
        inActorSystem(kit -> {
            LayerStore store = new PostgresLayerStore(
                    POSTGRES.dataSource(), new PekkoJournalSerializer(kit.system()), LayersDatabase.MODEL);
            assertThat(persist(kit, first, second, third)).isEqualTo(new Seen(List.of(first, second, third), 3));
            assertThat(store.dirtySessions("u")).containsExactly("s");

            store.flush(List.of(flushOf("u", "s").append(1, 2).upTo(1).build()));
            assertThat(store.dirtySessions("u")).containsExactly("s");
            assertThat(replay(kit)).isEqualTo(new Seen(List.of(new Flushed(2, 2), second, third), 3));

            store.flush(List.of(
                    flushOf("u", "s").after(2).append(3).delete(1).upTo(3).build()));
            assertThat(store.dirtySessions("u")).isEmpty();
        });
        inActorSystem(kit -> {
            assertThat(replay(kit)).isEqualTo(new Seen(List.of(new Flushed(3, 3)), 3));
            assertThat(persist(kit, first)).isEqualTo(new Seen(List.of(new Flushed(3, 3), first), 4));
            assertThat(replay(kit)).isEqualTo(new Seen(List.of(new Flushed(3, 3), first), 4));
        });
    }

    @Test
    void beginsAnewAfterTheSessionIsErased() {
        session("u", "s");
        inActorSystem(kit -> {
            persist(kit, new RoundAppended(List.of(message(1))), new MessagesDeleted(List.of(1L)));
            store().eraseSession("u", "s");
            assertThat(replay(kit).events()).isEmpty();
        });
    }

    private static void inActorSystem(Consumer<ActorTestKit> steps) {
        ActorTestKit kit =
                ActorTestKit.create(JournalConfig.of(POSTGRES.testDatabase().settings(), 1000)
                        .withFallback(ConfigFactory.parseString("""
                        pekko.loglevel = WARNING
                        pekko.actor.serialization-bindings { "memfuse.protocol.CborSerializable" = jackson-cbor }
                        """))
                        .withFallback(ConfigFactory.load()));
        try {
            steps.accept(kit);
        } finally {
            kit.shutdownTestKit();
        }
    }

    private static Seen persist(ActorTestKit kit, Event... events) {
        return afterStart(kit, List.of(events));
    }

    private static Seen replay(ActorTestKit kit) {
        return afterStart(kit, List.of());
    }

    /** All that a fresh actor has seen after it recovered and persisted the events. */
    private static Seen afterStart(ActorTestKit kit, List<Event> events) {
        TestProbe<Seen> probe = kit.createTestProbe();
        ActorRef<EventLog.Persist> log = kit.spawn(EventLog.create(SessionProtocol.persistenceId("s")));
        log.tell(new EventLog.Persist(events, probe.getRef()));
        Seen seen = probe.receiveMessage(LIMIT);
        kit.stop(log, LIMIT);
        return seen;
    }
}
