package memfuse.actors.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import memfuse.actors.session.StoredMessages.Named;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.Session;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.NewMessage;
import memfuse.protocol.session.SessionProtocol.AppendRound;
import memfuse.protocol.session.SessionProtocol.DeleteMessages;
import memfuse.protocol.session.SessionProtocol.Event;
import memfuse.protocol.session.SessionProtocol.Flushed;
import memfuse.protocol.session.SessionProtocol.MessagesDeleted;
import memfuse.protocol.session.SessionProtocol.MessagesUpdated;
import memfuse.protocol.session.SessionProtocol.Request;
import memfuse.protocol.session.SessionProtocol.RoundAppended;
import memfuse.protocol.session.SessionProtocol.UpdateMessages;
import memfuse.protocol.store.SessionFlush;
import memfuse.protocol.store.UnitVector;
import memfuse.protocol.testkit.InMemoryDirectory;
import memfuse.protocol.testkit.InMemoryLayerStore;
import memfuse.protocol.user.UserProtocol.Appended;
import memfuse.protocol.user.UserProtocol.MessagesChanged;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import org.jspecify.annotations.Nullable;

/**
 * A session without actors: its memory over a simulated journal and store, and beside it what should come of it, as a
 * plain map of messages. Every step is one thing that can happen to a session; which one, the random numbers say.
 */
final class SimulatedSession {
    private static final int MAX_LIVE = 80;

    final Random random;
    final InMemoryLayerStore store;
    final StoredMessages storedMessages;
    final SettingsDraft settings;

    /** What the session's messages should be, by id, in their order. */
    final Map<String, Message> expected = new LinkedHashMap<>();

    final NavigableMap<Long, Event> journal = new TreeMap<>();
    SessionMemory memory;
    long expectedLastSeq;

    private final List<String> goneIds = new ArrayList<>();

    /** Flushes of former incarnations that may reach the store at any time. */
    private final List<SessionFlush> stale = new ArrayList<>();

    private @Nullable SessionFlush underWay;
    private boolean written;
    private final List<UnitVector> late = new ArrayList<>();
    private int idsMade;

    SimulatedSession(Random random) {
        this.random = random;
        InMemoryDirectory directory = new InMemoryDirectory();
        directory.create(EntityKind.USER, new Entity(Samples.USER, Samples.USER, null, Samples.NOW, Samples.NOW));
        directory.createSession(new Session(Samples.SESSION, Samples.USER, "a", "name", Samples.NOW, Samples.NOW));
        store = new InMemoryLayerStore(directory, true);
        store.onReplaced(this::replaceByMarker);
        storedMessages = new StoredMessages(store, FactLayer.NONE, Runnable::run, Samples.USER, Samples.SESSION);
        settings = SettingsDraft.settings()
                .roundBuffer(10 + random.nextInt(100), 1 + random.nextInt(5))
                .highWater(100_000, 100_000_000);
        memory = Samples.memory(settings);
    }

    /** The next thing happens; its name, for the story that a failure tells. */
    String step() {
        int dice = random.nextInt(100);
        if (expected.size() > MAX_LIVE || (dice < 14 && !expected.isEmpty())) {
            return delete();
        } else if (dice < 28 && !expected.isEmpty()) {
            return update();
        } else if (dice < 55) {
            return append();
        } else if (dice < 67) {
            return seal(random.nextBoolean());
        } else if (dice < 76) {
            return write();
        } else if (dice < 85) {
            return acknowledge();
        } else if (dice < 89) {
            return writeStale();
        } else if (dice < 95) {
            return embed();
        } else {
            crash();
            return "crash";
        }
    }

    /** Flushes until nothing is left; whatever is stale comes first or last. */
    void settle() {
        while (!memory.isClean()) {
            writeStale();
            seal(true);
            write();
            acknowledge();
        }
        writeStale();
    }

    private String append() {
        List<NewMessage> round = new ArrayList<>();
        int messages = 1 + random.nextInt(4);
        for (int i = 0; i < messages; i++) {
            round.add(nextMessage(round));
        }
        Map<String, Message> after = new LinkedHashMap<>(expected);
        List<String> ids = new ArrayList<>();
        boolean conflict = false;
        for (NewMessage message : round) {
            ids.add(message.id());
            Message known = after.get(message.id());
            if (known == null) {
                long seq = expectedLastSeq + after.size() - expected.size() + 1;
                after.put(message.id(), message.at(seq, Samples.NOW).inRound(expectedLastSeq + 1));
            }
            conflict |= known != null && !known.repeats(message);
        }
        Reply reply = handle(new AppendRound(round, Samples.NOW), ids, conflict ? expected : after);
        if (conflict) {
            assertThat(reply)
                    .isInstanceOfSatisfying(
                            Refused.class, refused -> assertThat(refused.code()).isEqualTo(ErrorCode.CONFLICT));
        } else if (reply != null) {
            assertThat(reply).isInstanceOfSatisfying(Appended.class, appended -> {
                assertThat(appended.messageIds()).isEqualTo(ids);
                assertThat(appended.totalMessages()).isEqualTo(expected.size());
            });
        }
        return "append " + ids;
    }

    /** A new message, one whose id was used before, a repetition, or a contradiction. */
    private NewMessage nextMessage(List<NewMessage> before) {
        int dice = random.nextInt(30);
        if (dice == 0 && !goneIds.isEmpty()) {
            return says(goneIds.get(random.nextInt(goneIds.size())), text());
        } else if (dice == 1 && !expected.isEmpty()) {
            Message known = anyMessage();
            return says(known.id(), known.content());
        } else if (dice == 2 && !expected.isEmpty()) {
            return says(anyMessage().id(), text());
        }
        if (dice == 3 && !before.isEmpty()) {
            return before.get(random.nextInt(before.size()));
        }
        return says("m" + ++idsMade, text());
    }

    private NewMessage says(String id, String content) {
        NewMessage plain = Samples.says(id, content, random.nextInt(40));
        return new NewMessage(
                id,
                true,
                plain.role(),
                null,
                content,
                Samples.NOW.plusSeconds(random.nextInt(1000)),
                null,
                plain.tokens());
    }

    private String text() {
        String text = "text " + random.nextInt(1_000_000);
        return random.nextInt(4) == 0 ? text + "|and " + text : text;
    }

    private String update() {
        List<String> ids = new ArrayList<>(someIds());
        Map<String, Message> after = new LinkedHashMap<>(expected);
        List<NewMessage> replacements = new ArrayList<>();
        for (String id : ids) {
            NewMessage replacement = Samples.says(id, text(), random.nextInt(40));
            replacements.add(replacement);
            after.computeIfPresent(id, (same, message) -> message.edited(replacement, Samples.NOW));
        }
        Reply reply = handle(new UpdateMessages(ids, replacements, Samples.NOW), ids, after);
        assertThat(reply == null || reply.equals(new MessagesChanged(ids))).isTrue();
        return "update " + ids;
    }

    private String delete() {
        Set<String> ids = someIds();
        Map<String, Message> after = new LinkedHashMap<>(expected);
        after.keySet().removeAll(ids);
        Reply reply = handle(new DeleteMessages(List.copyOf(ids)), List.copyOf(ids), after);
        assertThat(reply == null || reply.equals(new MessagesChanged(List.copyOf(ids))))
                .isTrue();
        if (expected.equals(after)) {
            goneIds.addAll(ids);
        }
        return "delete " + ids;
    }

    private Set<String> someIds() {
        Set<String> ids = new LinkedHashSet<>();
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            ids.add(anyMessage().id());
        }
        return ids;
    }

    Message anyMessage() {
        return List.copyOf(expected.values()).get(random.nextInt(expected.size()));
    }

    /**
     * Does what the actor does about a request; null where a crash kept the answer back. A flush may be acknowledged
     * while the named messages are looked up.
     */
    private @Nullable Reply handle(Request request, List<String> ids, Map<String, Message> after) {
        Named found = storedMessages
                .find(ids, null, memory, Long.MAX_VALUE)
                .toCompletableFuture()
                .join();
        if (random.nextInt(4) == 0) {
            acknowledge();
        }
        Decision decision = Decision.on(request, memory, found, settings.build());
        if (decision instanceof Decision.Answer answer) {
            assertThat(answer.reply() instanceof Refused || after.equals(expected))
                    .isTrue();
            return answer.reply();
        }
        int fate = random.nextInt(30);
        if (fate == 0) {
            crash();
            return null;
        }
        Decision.Journal toJournal = (Decision.Journal) decision;
        long journalSeq = memory.lastJournalSeq() + 1;
        assertThat(journal).doesNotContainKey(journalSeq);
        journal.put(journalSeq, toJournal.event());
        expectedLastSeq = Math.max(
                expectedLastSeq,
                after.values().stream().mapToLong(Message::seq).max().orElse(0));
        expected.clear();
        expected.putAll(after);
        if (fate == 1) {
            crash();
            return null;
        }
        takeIn(memory, journalSeq, toJournal.event());
        return toJournal.event() instanceof RoundAppended
                ? AppendAnswers.now(toJournal.messageIds(), false, memory)
                : new MessagesChanged(toJournal.messageIds());
    }

    private String seal(boolean everything) {
        if (underWay != null) {
            assertThat(memory.seal()).isNull();
            return "seal in vain";
        }
        if (everything) {
            memory.transferAll();
        }
        underWay = memory.seal();
        written = false;
        return "seal " + underWay;
    }

    private String write() {
        if (underWay == null) {
            return "nothing to write";
        }
        store.flush(List.of(underWay));
        written = true;
        return "write";
    }

    private String acknowledge() {
        assertThat(memory.stored(Long.MAX_VALUE)).isNull();
        if (underWay == null || !written) {
            return "nothing to acknowledge";
        }
        assertThat(memory.stored(underWay.upToJournalSeq())).isSameAs(underWay);
        underWay = null;
        store.storeVectors(late);
        late.clear();
        return "acknowledge";
    }

    private String writeStale() {
        if (stale.isEmpty()) {
            return "nothing stale";
        }
        store.flush(List.of(stale.get(random.nextInt(stale.size()))));
        return "write a stale flush";
    }

    /** An embedding comes, of a text that is there or of one that was. */
    private String embed() {
        if (expected.isEmpty()) {
            return "nothing to embed";
        }
        Message message = anyMessage();
        List<MemoryUnit> units = Samples.SPLITTER.split(Samples.SESSION, message);
        MemoryUnit unit = units.get(random.nextInt(units.size()));
        String text = random.nextInt(5) == 0 ? "something else" : unit.embeddedText();
        UnitVector vector = Samples.vector(message.seq(), unit.key().chunkNo(), text);
        if (!memory.setVector(vector)) {
            late.add(vector);
        }
        if (underWay == null) {
            store.storeVectors(late);
            late.clear();
        }
        return "embed " + unit.key();
    }

    /** The session is lost and started anew; a flush of its former self may be written while the journal is read. */
    private void crash() {
        if (underWay != null) {
            stale.add(underWay);
            underWay = null;
        }
        late.clear();
        memory = Samples.memory(settings);
        int pauseAfter = random.nextInt(10);
        long read = 0;
        for (Map.Entry<Long, Event> next = journal.firstEntry(); next != null; next = journal.higherEntry(read)) {
            takeIn(memory, next.getKey(), next.getValue());
            read = next.getKey();
            if (--pauseAfter == 0) {
                writeStale();
            }
        }
        assertThat(memory.lastJournalSeq()).isEqualTo(journal.isEmpty() ? 0 : journal.lastKey());
    }

    private static void takeIn(SessionMemory memory, long journalSeq, Event event) {
        if (event instanceof RoundAppended appended) {
            memory.onRoundAppended(appended, journalSeq);
        } else if (event instanceof MessagesUpdated updated) {
            memory.onMessagesUpdated(updated, journalSeq);
        } else if (event instanceof MessagesDeleted deleted) {
            memory.onMessagesDeleted(deleted, journalSeq);
        } else {
            memory.onFlushed((Flushed) event, journalSeq);
        }
    }

    private void replaceByMarker(SessionFlush flush) {
        assertThat(journal.get(flush.upToJournalSeq())).isNotNull().isNotInstanceOf(Flushed.class);
        journal.headMap(flush.upToJournalSeq(), true).clear();
        journal.put(flush.upToJournalSeq(), flush.marker());
    }
}
