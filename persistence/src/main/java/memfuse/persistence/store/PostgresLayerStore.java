package memfuse.persistence.store;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import javax.sql.DataSource;
import memfuse.protocol.memory.HistoryRequest;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.PageBySeq;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.session.SessionProtocol.KeyedAnswer;
import memfuse.protocol.store.BacklogShare;
import memfuse.protocol.store.Bounded;
import memfuse.protocol.store.LayerStore;
import memfuse.protocol.store.PendingUnit;
import memfuse.protocol.store.SessionFlush;
import memfuse.protocol.store.UnitVector;
import org.jspecify.annotations.Nullable;

/** The layers in PostgreSQL; thread-safe, each call on a connection of its own. */
public final class PostgresLayerStore implements LayerStore {
    private final Transactions transactions;
    private final JournalSerializer serializer;
    private final @Nullable String embeddingModel;

    /** @param embeddingModel the name of the model that makes the vectors, or null where there is none */
    public PostgresLayerStore(DataSource dataSource, JournalSerializer serializer, @Nullable String embeddingModel) {
        this(dataSource, serializer, embeddingModel, Transactions.AS_CONNECTED);
    }

    /** @param statementTimeout the longest that a writing statement may take, its wait for locks included */
    public PostgresLayerStore(
            DataSource dataSource,
            JournalSerializer serializer,
            @Nullable String embeddingModel,
            Duration statementTimeout) {
        transactions = new Transactions(dataSource, statementTimeout);
        this.serializer = serializer;
        this.embeddingModel = embeddingModel;
    }

    @Override
    public void flush(List<SessionFlush> flushes) {
        if (flushes.isEmpty()) {
            return;
        }
        transactions.together("flushing " + flushes.size() + " sessions", connection -> {
            new FlushTransaction(connection, serializer, embeddingModel).run(flushes);
            return flushes.size();
        });
    }

    @Override
    public Bounded<Message> history(
            String sessionId, long upToSeq, Collection<Long> without, HistoryRequest request, long maxBytes) {
        return transactions.each(
                "reading a history",
                connection -> new MessageReads(connection).history(sessionId, upToSeq, without, request, maxBytes));
    }

    @Override
    public List<Message> inOrder(String sessionId, long upToSeq, Collection<Long> without, PageBySeq page) {
        return transactions.each(
                "reading a session",
                connection -> new MessageReads(connection).inOrder(sessionId, upToSeq, without, page));
    }

    @Override
    public Bounded<Message> messages(String sessionId, long upToSeq, Collection<String> messageIds, long maxBytes) {
        if (messageIds.isEmpty()) {
            return new Bounded<>(List.of(), 0);
        }
        return transactions.each(
                "reading messages",
                connection -> new MessageReads(connection).byId(sessionId, upToSeq, messageIds, maxBytes));
    }

    @Override
    public void streamUnits(String userId, Consumer<MemoryUnit> sink) {
        transactions.together("streaming units", connection -> {
            new UnitReads(connection, embeddingModel).stream(userId, sink);
            return userId;
        });
    }

    @Override
    public List<PendingUnit> pendingUnits(int limit, Set<UnitKey> except, BacklogShare share) {
        return embeddingModel == null
                ? List.of()
                : transactions.each(
                        "reading pending units",
                        connection -> new UnitReads(connection, embeddingModel).pending(limit, except, share));
    }

    @Override
    public List<UnitVector> vectors(String userId, Collection<UnitKey> keys) {
        return embeddingModel == null
                ? List.of()
                : transactions.each(
                        "reading vectors",
                        connection -> new UnitReads(connection, embeddingModel).vectors(userId, keys));
    }

    @Override
    public OptionalLong firstPending(String userId, String sessionId) {
        return transactions.each(
                "looking for a pending unit",
                connection -> new UnitReads(connection, embeddingModel).firstPending(userId, sessionId));
    }

    @Override
    public Optional<KeyedAnswer> answer(String sessionId, String key) {
        return transactions.each(
                "reading an answer", connection -> new AnswerRows(connection, serializer).find(sessionId, key));
    }

    @Override
    public void forgetAnswers(Instant before) {
        transactions.together("forgetting answers", connection -> {
            new AnswerRows(connection, serializer).removeOlder(before);
            return before;
        });
    }

    @Override
    public void storeVectors(List<UnitVector> vectors) {
        if (embeddingModel == null || vectors.isEmpty()) {
            return;
        }
        transactions.together("storing " + vectors.size() + " vectors", connection -> {
            new VectorTransaction(connection, embeddingModel).run(vectors);
            return vectors.size();
        });
    }

    @Override
    public List<String> dirtySessions(String userId) {
        return transactions.together(
                "looking for dirty sessions", connection -> new DirtyReads(connection).sessions(userId));
    }

    @Override
    public List<String> dirtyUsers(int limit, long upTo) {
        return transactions.together(
                "looking for dirty users", connection -> new DirtyReads(connection).users(limit, upTo));
    }

    @Override
    public long lastUnflushed() {
        return transactions.each("looking for the last event", connection -> new DirtyReads(connection).lastEvent());
    }

    @Override
    public void eraseSession(String userId, String sessionId) {
        removeLateEvents(transactions.together(
                "erasing a session", connection -> new Erasure(connection).session(userId, sessionId)));
    }

    @Override
    public void eraseUser(String userId) {
        removeLateEvents(transactions.together("erasing a user", connection -> new Erasure(connection).user(userId)));
    }

    private void removeLateEvents(List<String> sessionIds) {
        transactions.together("removing late events of erased sessions", connection -> {
            new Erasure(connection).lateEvents(sessionIds);
            return sessionIds;
        });
    }

    @Override
    public Optional<String> removeOrphans(String after) {
        return transactions.together(
                "removing events of erased sessions", connection -> JournalSweep.after(connection, after));
    }
}
