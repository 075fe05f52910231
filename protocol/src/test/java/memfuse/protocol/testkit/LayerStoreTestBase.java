package memfuse.protocol.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import memfuse.protocol.directory.Directory;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.Session;
import memfuse.protocol.facts.FactStore;
import memfuse.protocol.knowledge.KnowledgeStore;
import memfuse.protocol.memory.HistoryRequest;
import memfuse.protocol.memory.HistoryRequest.SortBy;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.store.LayerStore;
import memfuse.protocol.store.PendingUnit;
import memfuse.protocol.store.SessionFlush;
import org.junit.jupiter.api.BeforeEach;

/** A fresh store for each test, and the words in which the tests speak of it. */
public abstract class LayerStoreTestBase {
    /** Text with everything that quoting, escaping and encoding could get wrong. */
    protected static final String ANY_TEXT =
            "o'neil \"\\ {,} NULL \n\t\u0001 Ünïcødé e\u0301 漢字 \uFFFF\uE000 😀 \uD83D\uDC69\u200D\uD83D\uDE80";

    private final Map<String, Long> journaledUpTo = new HashMap<>();
    private LayerStoreFixture fixture;

    /** An empty store. */
    protected abstract LayerStoreFixture newFixture();

    @BeforeEach
    void startEmpty() {
        fixture = newFixture();
    }

    protected LayerStore store() {
        return fixture.store();
    }

    protected KnowledgeStore knowledge() {
        return fixture.knowledge();
    }

    protected FactStore facts() {
        return fixture.facts();
    }

    protected Directory directory() {
        return fixture.directory();
    }

    /** Creates a user; nothing where there is one of this id. */
    protected void user(String userId) {
        directory().create(EntityKind.USER, new Entity(userId, userId, null, FlushBuilder.EPOCH, FlushBuilder.EPOCH));
    }

    /** Creates a session, and its user where there is none. */
    protected void session(String userId, String sessionId) {
        user(userId);
        directory()
                .createSession(
                        new Session(sessionId, userId, "agent", sessionId, FlushBuilder.EPOCH, FlushBuilder.EPOCH));
    }

    protected FlushBuilder flushOf(String userId, String sessionId) {
        return new FlushBuilder(userId, sessionId);
    }

    /** Journals the events that are not in the journal yet, up to the given one. */
    protected void journalUpTo(String sessionId, long journalSeq) {
        for (long seq = journaledUpTo.getOrDefault(sessionId, 0L) + 1; seq <= journalSeq; seq++) {
            fixture.journal(sessionId, seq);
        }
        journaledUpTo.merge(sessionId, journalSeq, Math::max);
    }

    /** Journals what the flushes cover and was not journaled before, and flushes. */
    protected void flush(FlushBuilder... flushes) {
        List<SessionFlush> batch =
                Arrays.stream(flushes).map(FlushBuilder::build).toList();
        batch.forEach(flush -> journalUpTo(flush.sessionId(), flush.upToJournalSeq()));
        store().flush(batch);
    }

    /** All messages of M0 in order, 100 at the most. */
    protected List<Message> stored(String sessionId) {
        return store().history(
                        sessionId, Long.MAX_VALUE, List.of(), new HistoryRequest(100, SortBy.TIMESTAMP, false, false));
    }

    protected List<Long> seqs(String sessionId) {
        return stored(sessionId).stream().map(Message::seq).toList();
    }

    protected List<MemoryUnit> units(String userId) {
        List<MemoryUnit> units = new ArrayList<>();
        store().streamUnits(userId, units::add);
        return units;
    }

    /** The M1 units of a user as {@code session/number/piece: text}. */
    protected List<String> unitTexts(String userId) {
        return units(userId).stream()
                .map(unit -> unit.key().sessionId() + "/" + unit.key().seq() + "/"
                        + unit.key().chunkNo() + ": " + unit.text())
                .toList();
    }

    protected List<String> pendingTexts() {
        return store().pendingUnits(1000, Set.of()).stream()
                .map(PendingUnit::embeddedText)
                .toList();
    }
}
