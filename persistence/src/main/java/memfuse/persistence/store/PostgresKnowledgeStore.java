package memfuse.persistence.store;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import memfuse.persistence.store.KnowledgeRows.Totals;
import memfuse.protocol.knowledge.KnowledgeBounds;
import memfuse.protocol.knowledge.KnowledgeItem;
import memfuse.protocol.knowledge.KnowledgeStore;
import memfuse.protocol.knowledge.KnowledgeUnit;
import memfuse.protocol.knowledge.SplitKnowledge;
import memfuse.protocol.store.Bounded;
import org.jspecify.annotations.Nullable;

/** Users' knowledge in PostgreSQL; thread-safe, each call on a connection of its own. */
public final class PostgresKnowledgeStore implements KnowledgeStore {
    private final Transactions transactions;
    private final @Nullable String embeddingModel;

    /** @param embeddingModel the name of the model that makes the vectors, or null where there is none */
    public PostgresKnowledgeStore(DataSource dataSource, @Nullable String embeddingModel) {
        this(dataSource, embeddingModel, Transactions.AS_CONNECTED);
    }

    /** @param statementTimeout the longest that a writing statement may take, its wait for locks included */
    public PostgresKnowledgeStore(DataSource dataSource, @Nullable String embeddingModel, Duration statementTimeout) {
        transactions = new Transactions(dataSource, statementTimeout);
        this.embeddingModel = embeddingModel;
    }

    @Override
    public Bounded<KnowledgeItem> list(String userId, long maxBytes) {
        return transactions.each(
                "reading knowledge", connection -> new KnowledgeRows(connection, userId).all(maxBytes));
    }

    @Override
    public Bounded<KnowledgeItem> read(String userId, Collection<String> ids, long maxBytes) {
        return ids.isEmpty()
                ? new Bounded<>(List.of(), 0)
                : transactions.each(
                        "reading knowledge", connection -> new KnowledgeRows(connection, userId).byId(ids, maxBytes));
    }

    @Override
    public Written add(String userId, List<SplitKnowledge> items, Instant addedAt, KnowledgeBounds bounds) {
        return transactions.together("adding " + items.size() + " items of knowledge", connection -> {
            KnowledgeRows rows = new KnowledgeRows(connection, userId);
            return rows.lock() ? add(connection, rows, userId, byId(items), addedAt, bounds) : new NoSuchUser();
        });
    }

    private Written add(
            Connection connection,
            KnowledgeRows rows,
            String userId,
            Map<String, SplitKnowledge> items,
            Instant addedAt,
            KnowledgeBounds bounds)
            throws SQLException {
        Map<String, KnowledgeItem> stored = new HashMap<>();
        rows.byId(items.keySet()).forEach(item -> stored.put(item.id(), item));
        Totals totals = rows.totals();
        List<KnowledgeItem> added = new ArrayList<>();
        List<KnowledgeUnit> units = new ArrayList<>();
        long bytes = totals.bytes();
        for (SplitKnowledge item : items.values()) {
            if (!stored.containsKey(item.id())) {
                long number = totals.lastNumber() + added.size() + 1;
                KnowledgeItem asStored = new KnowledgeItem(item.id(), number, item.content(), addedAt, addedAt);
                stored.put(item.id(), asStored);
                added.add(asStored);
                units.addAll(item.unitsOf(userId, asStored));
                bytes += utf8Bytes(item.content());
            }
        }
        long count = totals.items() + added.size();
        if (!added.isEmpty() && (count > bounds.maxItems() || bytes > bounds.maxBytes())) {
            return new TooMuch(count, bytes);
        }
        rows.insert(added);
        rows.insertUnits(units, pendingSince(connection));
        return new Done(items.keySet().stream().map(stored::get).toList());
    }

    @Override
    public Written update(String userId, List<SplitKnowledge> items, Instant updatedAt, KnowledgeBounds bounds) {
        return transactions.together("updating " + items.size() + " items of knowledge", connection -> {
            KnowledgeRows rows = new KnowledgeRows(connection, userId);
            return rows.lock() ? update(connection, rows, userId, byId(items), updatedAt, bounds) : new NoSuchUser();
        });
    }

    private Written update(
            Connection connection,
            KnowledgeRows rows,
            String userId,
            Map<String, SplitKnowledge> items,
            Instant updatedAt,
            KnowledgeBounds bounds)
            throws SQLException {
        Totals totals = rows.totals();
        List<KnowledgeItem> updated = new ArrayList<>();
        List<KnowledgeUnit> units = new ArrayList<>();
        long bytes = totals.bytes();
        for (KnowledgeItem old : rows.byId(items.keySet())) {
            SplitKnowledge item = Objects.requireNonNull(items.get(old.id()));
            KnowledgeItem asStored =
                    new KnowledgeItem(old.id(), old.number(), item.content(), old.createdAt(), updatedAt);
            updated.add(asStored);
            units.addAll(item.unitsOf(userId, asStored));
            bytes += utf8Bytes(item.content()) - utf8Bytes(old.content());
        }
        if (bytes > totals.bytes() && bytes > bounds.maxBytes()) {
            return new TooMuch(totals.items(), bytes);
        }
        if (!updated.isEmpty()) {
            rows.update(updated);
            rows.deleteUnits(updated.stream().map(KnowledgeItem::number).toList());
            rows.insertUnits(units, pendingSince(connection));
        }
        return new Done(updated);
    }

    @Override
    public Map<String, Long> delete(String userId, Collection<String> ids) {
        return transactions.together("deleting " + ids.size() + " items of knowledge", connection -> {
            KnowledgeRows rows = new KnowledgeRows(connection, userId);
            if (!rows.lock()) {
                return Map.of();
            }
            Map<String, Long> numbers =
                    rows.byId(ids).stream().collect(Collectors.toMap(KnowledgeItem::id, KnowledgeItem::number));
            rows.delete(List.copyOf(numbers.values()));
            return numbers;
        });
    }

    @Override
    public void streamUnits(String userId, Consumer<KnowledgeUnit> sink) {
        transactions.together("streaming units of knowledge", connection -> {
            new KnowledgeReads(connection, embeddingModel).stream(userId, sink);
            return userId;
        });
    }

    /** The last of each id, in the order of the first. */
    private static Map<String, SplitKnowledge> byId(List<SplitKnowledge> items) {
        Map<String, SplitKnowledge> byId = new LinkedHashMap<>();
        items.forEach(item -> byId.put(item.id(), item));
        return byId;
    }

    private @Nullable Instant pendingSince(Connection connection) throws SQLException {
        return embeddingModel == null
                ? null
                : Statements.query(connection, "SELECT now()", row -> Timestamps.read(row, 1))
                        .get(0);
    }

    private static long utf8Bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
