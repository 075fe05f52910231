package memfuse.actors.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import memfuse.actors.session.StoredMessages.Named;
import memfuse.protocol.memory.HistoryRequest;
import memfuse.protocol.memory.HistoryRequest.SortBy;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.session.SessionProtocol.Flushed;
import memfuse.protocol.session.SessionProtocol.ReadHistory;
import memfuse.protocol.session.SessionProtocol.ReadMessages;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import org.junit.jupiter.api.Test;

/**
 * Whatever happens to a session, in whatever order, it shows every message exactly once and in order: random histories
 * of {@link SimulatedSession}, each checked after each step against a plain map.
 *
 * <p>A failure prints its seed; {@code -Dmemfuse.test.seed=N} repeats it as the first history, {@code
 * -Dmemfuse.test.histories=N} asks for more of them.
 */
class SessionModelTest {
    private static final int HISTORIES = Integer.getInteger("memfuse.test.histories", 80);
    private static final int STEPS = 160;

    @Test
    void showsEveryMessageExactlyOnceWhateverHappens() {
        long seed = Long.getLong("memfuse.test.seed", System.nanoTime());
        System.out.println("seed=" + seed);
        for (int i = 0; i < HISTORIES; i++) {
            live(seed + i);
        }
    }

    private static void live(long seed) {
        List<String> story = new ArrayList<>();
        try {
            SimulatedSession session = new SimulatedSession(new Random(seed));
            long flushed = 0;
            for (int i = 0; i < STEPS; i++) {
                story.add(session.step());
                check(session);
                Watermarks watermarks = session.memory.watermarks();
                assertThat(watermarks.flushed()).isGreaterThanOrEqualTo(flushed);
                flushed = watermarks.flushed();
            }
            story.add("settle");
            session.settle();
            check(session);
            assertThat(session.memory.isClean()).isTrue();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed=" + seed + "\n" + String.join("\n", story), e);
        }
    }

    private static void check(SimulatedSession session) {
        SessionMemory memory = session.memory;
        HistoryRequest page = new HistoryRequest(
                session.random.nextBoolean() ? 100 : 1 + session.random.nextInt(100),
                session.random.nextBoolean() ? SortBy.TIMESTAMP : SortBy.ID,
                session.random.nextBoolean(),
                false);
        assertThat(history(session, page)).isEqualTo(expectedPage(session, page));
        assertThat(byId(session)).isEqualTo(List.copyOf(session.expected.values()));
        assertThat(memory.totalMessages()).isEqualTo(session.expected.size());

        Watermarks watermarks = memory.watermarks();
        assertThat(watermarks.journaled()).isEqualTo(session.expectedLastSeq);
        assertThat(watermarks.transferred()).isBetween(watermarks.flushed(), watermarks.journaled());
        assertThat(memory.buffered())
                .extracting(buffered -> buffered.message().seq())
                .isSorted()
                .allMatch(seq -> seq > watermarks.flushed());

        checkIndex(session);
        checkStore(session);
    }

    private static List<Message> history(SimulatedSession session, HistoryRequest page) {
        return ((MessagesRead) session.storedMessages
                        .history(new ReadHistory(page), session.memory)
                        .toCompletableFuture()
                        .join())
                .messages();
    }

    private static List<Message> expectedPage(SimulatedSession session, HistoryRequest page) {
        return session.expected.values().stream()
                .sorted(page.order())
                .limit(page.limit())
                .toList();
    }

    private static List<Message> byId(SimulatedSession session) {
        List<String> ids = List.copyOf(session.expected.keySet());
        Named found = session.storedMessages
                .find(ids, null, session.memory, Long.MAX_VALUE)
                .toCompletableFuture()
                .join();
        Decision read = Decision.on(new ReadMessages(ids), session.memory, found, session.settings.build());
        return ((MessagesRead) ((Decision.Answer) read).reply()).messages();
    }

    /** What is stored up to the watermark, with what the session tells its index on top, is what there is to search. */
    private static void checkIndex(SimulatedSession session) {
        SessionMemory memory = session.memory;
        Map<UnitKey, String> index = new HashMap<>();
        session.store.streamUnits(Samples.USER, unit -> {
            if (unit.key().seq() <= memory.layers().flushedSeq()) {
                index.put(unit.key(), unit.text());
            }
        });
        PendingChanges changes = memory.changesOverStore();
        memory.unitsFrom(memory.layers().flushedSeq() + 1).forEach(unit -> index.put(unit.key(), unit.text()));
        for (BufferedMessage change : changes.updated()) {
            index.keySet().removeIf(key -> key.seq() == change.message().seq());
            change.units().forEach(unit -> index.put(unit.key(), unit.text()));
        }
        index.keySet().removeIf(key -> changes.deleted().contains(key.seq()));

        Map<UnitKey, String> expected = new HashMap<>();
        session.expected.values().stream()
                .flatMap(message -> Samples.SPLITTER.split(Samples.SESSION, message).stream())
                .forEach(unit -> expected.put(unit.key(), unit.text()));
        assertThat(index).isEqualTo(expected);
    }

    /** The layers never hold an id twice nor a vector of another text, and hold everything once the session is clean. */
    private static void checkStore(SimulatedSession session) {
        Map<Long, Message> rows = new TreeMap<>();
        for (boolean descending : List.of(false, true)) {
            session.store
                    .history(
                            Samples.SESSION,
                            Long.MAX_VALUE,
                            List.of(),
                            new HistoryRequest(100, SortBy.TIMESTAMP, descending, false))
                    .forEach(message -> rows.put(message.seq(), message));
        }
        assertThat(rows.values()).extracting(Message::id).doesNotHaveDuplicates();
        List<MemoryUnit> units = new ArrayList<>();
        session.store.streamUnits(Samples.USER, units::add);
        assertThat(units)
                .allMatch(unit ->
                        unit.vector() == null || Arrays.equals(unit.vector(), Samples.vectorOf(unit.embeddedText())));
        if (session.memory.isClean()) {
            assertThat(List.copyOf(rows.values())).isEqualTo(List.copyOf(session.expected.values()));
            assertThat(session.journal.values()).allMatch(event -> event instanceof Flushed);
            assertThat(session.journal.size()).isLessThanOrEqualTo(1);
        }
    }
}
