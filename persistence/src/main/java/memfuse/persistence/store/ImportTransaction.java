package memfuse.persistence.store;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.Session;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.session.SessionProtocol;
import memfuse.protocol.session.SessionProtocol.Flushed;
import memfuse.protocol.store.SessionFlush;
import memfuse.protocol.transfer.ImportSink;
import memfuse.protocol.transfer.ImportStore.Import;
import memfuse.protocol.transfer.ImportStore.NoSuchUser;
import memfuse.protocol.transfer.ImportStore.Outcome;
import memfuse.protocol.transfer.ImportStore.Repeated;
import memfuse.protocol.transfer.ImportStore.Stored;
import memfuse.protocol.transfer.ImportStore.TooMuchKnowledge;
import memfuse.protocol.transfer.Imported;
import memfuse.protocol.transfer.ImportedKnowledge;
import org.jspecify.annotations.Nullable;

/**
 * One import, in the transaction of the connection it is given.
 *
 * <p>Messages and units come first, of sessions that nobody knows yet, and need no lock. The user's row is locked for
 * what is left: knowledge, and at the end the sessions, each with the journal of a session whose flush is done. So an
 * erasure waits for the end alone, or goes before, and then there is no user any more.
 */
final class ImportTransaction implements ImportSink {
    private final Connection connection;
    private final Import request;
    private final ImportRows rows;
    private final MessageRows messageRows;
    private final UnitRows unitRows;
    private final KnowledgeRows knowledgeRows;
    private final Instant now;
    private final @Nullable Instant pendingSince;

    private final Map<String, Entity> agents = new LinkedHashMap<>();
    private final Map<String, Session> sessions = new LinkedHashMap<>();

    /** The markers of the sessions that have messages, by their ids. */
    private final Map<String, Flushed> markers = new LinkedHashMap<>();

    private final Map<String, String> newKnowledgeIds = new LinkedHashMap<>();
    private @Nullable Session current;
    private long knowledge;

    /** What the user's knowledge has become, once its row is locked. */
    private KnowledgeRows.@Nullable Totals totals;

    /** Why nothing is stored, once that is known. */
    private @Nullable Outcome refusal;

    /** The database did not do it, told through a source that knows nothing of databases. */
    static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient SQLException failure;

        Failed(SQLException failure) {
            super(failure);
            this.failure = failure;
        }

        SQLException cause() {
            return failure;
        }
    }

    private interface Work<T> {
        T run() throws SQLException;
    }

    ImportTransaction(
            Connection connection, JournalSerializer serializer, @Nullable String embeddingModel, Import request)
            throws SQLException {
        this.connection = connection;
        this.request = request;
        rows = new ImportRows(connection, serializer);
        messageRows = new MessageRows(connection);
        unitRows = new UnitRows(connection, embeddingModel);
        knowledgeRows = new KnowledgeRows(connection, request.userId());
        now = Statements.query(connection, "SELECT now()", row -> Timestamps.read(row, 1))
                .get(0);
        pendingSince = embeddingModel == null ? null : now;
    }

    private static <T> T done(Work<T> work) {
        try {
            return work.run();
        } catch (SQLException e) {
            throw new Failed(e);
        }
    }

    @Override
    public void agent(String sourceId, Entity agent) {
        agents.put(sourceId, agent);
    }

    @Override
    public void session(String sourceId, Session session) {
        sessions.put(sourceId, session);
        current = session;
    }

    @Override
    public Optional<String> messages(List<Message> messages, List<MemoryUnit> units) {
        Session session = current;
        if (session == null) {
            throw new IllegalStateException("messages of no session");
        }
        return done(() -> messages(session, messages, units));
    }

    private Optional<String> messages(Session session, List<Message> messages, List<MemoryUnit> units)
            throws SQLException {
        Set<String> ids = new HashSet<>();
        for (Message message : messages) {
            if (!ids.add(message.id())) {
                return Optional.of(message.id());
            }
        }
        Optional<String> taken = rows.takenOf(session.id(), ids);
        if (taken.isPresent()) {
            return taken;
        }
        Flushed before = markers.getOrDefault(session.id(), new Flushed(0, 0));
        Flushed after = new Flushed(messages.get(messages.size() - 1).seq(), before.messageCount() + messages.size());
        SessionFlush flush = new SessionFlush(
                request.userId(),
                session.id(),
                SessionProtocol.persistenceId(session.id()),
                ImportRows.MARKER_SEQ,
                after,
                before.lastSeq(),
                messages,
                List.of(),
                List.of(),
                units,
                List.of());
        messageRows.append(List.of(flush));
        unitRows.append(List.of(flush), Set.of(), now);
        markers.put(session.id(), after);
        return Optional.empty();
    }

    @Override
    public void knowledge(List<ImportedKnowledge> items) {
        var unused = done(() -> {
            if (lockUser()) {
                add(items);
            }
            return true;
        });
    }

    private void add(List<ImportedKnowledge> items) throws SQLException {
        KnowledgeRows.Totals before = totals == null ? knowledgeRows.totals() : totals;
        ImportedItems imported = ImportedItems.of(
                request.userId(), items, before.lastNumber(), knowledgeRows.byId(ImportedItems.ids(items)));
        long bytes = items.stream()
                .mapToLong(item -> item.item().content().getBytes(StandardCharsets.UTF_8).length)
                .sum();
        KnowledgeRows.Totals after = new KnowledgeRows.Totals(
                before.items() + items.size(), before.bytes() + bytes, before.lastNumber() + items.size());
        totals = after;
        if (after.items() > request.bounds().maxItems()
                || after.bytes() > request.bounds().maxBytes()) {
            refusal = new TooMuchKnowledge(after.items(), after.bytes());
            return;
        }
        knowledgeRows.insert(imported.items());
        knowledgeRows.insertUnits(imported.units(), pendingSince);
        newKnowledgeIds.putAll(imported.newIds());
        knowledge += items.size();
    }

    /** Keeps the user's erasure out, and other writers of knowledge; false where nothing is to be stored. */
    private boolean lockUser() throws SQLException {
        if (refusal == null && !knowledgeRows.lock()) {
            refusal = new NoSuchUser();
        }
        return refusal == null;
    }

    /** Makes it complete, or undoes it. */
    Outcome finish() throws SQLException {
        if (lockUser()) {
            rows.find(request.userId(), request.fingerprint()).ifPresent(before -> refusal = new Repeated(before));
        }
        Outcome refused = refusal;
        if (refused != null) {
            connection.rollback();
            return refused;
        }
        Map<String, String> agentIds = rows.agents(agents);
        Map<String, String> sessionIds = new LinkedHashMap<>();
        sessions.forEach((sourceId, session) -> sessionIds.put(sourceId, session.id()));
        rows.insertSessions(request.userId(), List.copyOf(sessions.values()), agentIds);
        rows.insertMarkers(markers, request.importedAt());
        rows.awaitFacts(request.userId(), markers);
        Imported imported = new Imported(
                request.importedAt(),
                sessionIds,
                agentIds,
                newKnowledgeIds,
                markers.values().stream().mapToLong(Flushed::messageCount).sum(),
                knowledge);
        rows.insert(request.userId(), request.fingerprint(), imported);
        return new Stored(imported);
    }
}
