package memfuse.protocol.testkit;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.knowledge.KnowledgeBounds;
import memfuse.protocol.knowledge.KnowledgeItem;
import memfuse.protocol.knowledge.KnowledgeStore;
import memfuse.protocol.knowledge.KnowledgeUnit;
import memfuse.protocol.knowledge.SplitKnowledge;
import memfuse.protocol.store.Bounded;
import memfuse.protocol.store.PendingUnit;
import memfuse.protocol.store.StoreException;
import memfuse.protocol.store.UnitVector;
import memfuse.protocol.testkit.InMemoryLayerStore.WaitingUnit;

/** A {@link KnowledgeStore} in memory, over the users of an {@link InMemoryDirectory}; thread-safe. */
public final class InMemoryKnowledgeStore implements KnowledgeStore {
    private final InMemoryDirectory directory;
    private final LongSupplier nextTurn;
    private final Map<String, SortedMap<Long, Stored>> byUser = new HashMap<>();
    private int failing;
    private int losing;

    /** An item with its units. */
    private record Stored(KnowledgeItem item, List<StoredUnit> units) {
        int bytes() {
            return utf8Bytes(item.content());
        }
    }

    /** A unit with its turn among those that wait for an embedding, 0 where it does not. */
    private record StoredUnit(KnowledgeUnit unit, long waitingSince) {
        boolean canTake(UnitVector vector) {
            return waitingSince > 0
                    && unit.key().equals(vector.key())
                    && unit.text().equals(vector.embeddedText());
        }
    }

    /** @param nextTurn the next turn among the units that wait for an embedding; 0 where there is no model */
    InMemoryKnowledgeStore(InMemoryDirectory directory, LongSupplier nextTurn) {
        this.directory = directory;
        this.nextTurn = nextTurn;
    }

    /** The next {@code count} calls fail and do nothing. */
    public synchronized void failNext(int count) {
        failing = count;
    }

    /** The next {@code count} writes are done, and fail all the same. */
    public synchronized void loseAcknowledgements(int count) {
        losing = count;
    }

    private void enter() {
        if (failing > 0) {
            failing--;
            throw new StoreException("scripted: the call fails");
        }
    }

    private <T> T acknowledged(T result) {
        if (losing > 0) {
            losing--;
            throw new StoreException("scripted: the write is done, its acknowledgement lost");
        }
        return result;
    }

    @Override
    public synchronized Bounded<KnowledgeItem> list(String userId, long maxBytes) {
        enter();
        List<KnowledgeItem> all = of(userId).values().stream().map(Stored::item).toList();
        return Bounded.of(all, KnowledgeItem::answerBytes, maxBytes);
    }

    @Override
    public synchronized Bounded<KnowledgeItem> read(String userId, Collection<String> ids, long maxBytes) {
        enter();
        Set<String> wanted = Set.copyOf(ids);
        List<KnowledgeItem> found = of(userId).values().stream()
                .map(Stored::item)
                .filter(item -> wanted.contains(item.id()))
                .toList();
        return Bounded.of(found, KnowledgeItem::answerBytes, maxBytes);
    }

    @Override
    public synchronized Written add(
            String userId, List<SplitKnowledge> items, Instant addedAt, KnowledgeBounds bounds) {
        enter();
        if (directory.find(EntityKind.USER, userId).isEmpty()) {
            return new NoSuchUser();
        }
        SortedMap<Long, Stored> after = new TreeMap<>(of(userId));
        Map<String, KnowledgeItem> byId = new HashMap<>();
        after.values().forEach(stored -> byId.put(stored.item().id(), stored.item()));
        for (SplitKnowledge item : distinct(items)) {
            if (!byId.containsKey(item.id())) {
                long number = after.isEmpty() ? 1 : after.lastKey() + 1;
                KnowledgeItem added = new KnowledgeItem(item.id(), number, item.content(), addedAt, addedAt);
                byId.put(item.id(), added);
                after.put(number, stored(userId, item, added));
            }
        }
        boolean grows = after.size() > of(userId).size();
        if (grows && (after.size() > bounds.maxItems() || bytes(after) > bounds.maxBytes())) {
            return new TooMuch(after.size(), bytes(after));
        }
        byUser.put(userId, after);
        return acknowledged(new Done(
                distinct(items).stream().map(item -> byId.get(item.id())).toList()));
    }

    @Override
    public synchronized Written update(
            String userId, List<SplitKnowledge> items, Instant updatedAt, KnowledgeBounds bounds) {
        enter();
        if (directory.find(EntityKind.USER, userId).isEmpty()) {
            return new NoSuchUser();
        }
        SortedMap<Long, Stored> after = new TreeMap<>(of(userId));
        List<KnowledgeItem> updated = new ArrayList<>();
        for (SplitKnowledge item : distinct(items)) {
            for (Stored there : of(userId).values()) {
                KnowledgeItem old = there.item();
                if (old.id().equals(item.id())) {
                    KnowledgeItem now =
                            new KnowledgeItem(old.id(), old.number(), item.content(), old.createdAt(), updatedAt);
                    updated.add(now);
                    after.put(old.number(), stored(userId, item, now));
                }
            }
        }
        if (bytes(after) > bytes(of(userId)) && bytes(after) > bounds.maxBytes()) {
            return new TooMuch(after.size(), bytes(after));
        }
        byUser.put(userId, after);
        return acknowledged(new Done(updated));
    }

    @Override
    public synchronized Map<String, Long> delete(String userId, Collection<String> ids) {
        enter();
        Map<String, Long> deleted = new HashMap<>();
        for (Stored stored : of(userId).values()) {
            if (ids.contains(stored.item().id())) {
                deleted.put(stored.item().id(), stored.item().number());
            }
        }
        of(userId).keySet().removeAll(deleted.values());
        return acknowledged(deleted);
    }

    @Override
    public void streamUnits(String userId, Consumer<KnowledgeUnit> sink) {
        List<KnowledgeUnit> units;
        synchronized (this) {
            enter();
            units = of(userId).values().stream()
                    .flatMap(stored -> stored.units().stream())
                    .map(StoredUnit::unit)
                    .toList();
        }
        units.forEach(sink);
    }

    /** All units that wait for an embedding. */
    synchronized Stream<WaitingUnit> waiting() {
        List<WaitingUnit> waiting = new ArrayList<>();
        byUser.forEach((userId, items) -> items.values().stream()
                .flatMap(stored -> stored.units().stream())
                .filter(stored -> stored.waitingSince() > 0)
                .forEach(stored -> waiting.add(new WaitingUnit(
                        stored.waitingSince(),
                        new PendingUnit(
                                userId, stored.unit().key(), stored.unit().text())))));
        return waiting.stream();
    }

    /** Completes the unit if it waits for just this. */
    synchronized void complete(UnitVector vector) {
        of(vector.userId())
                .computeIfPresent(
                        vector.key().seq(),
                        (number, stored) -> new Stored(
                                stored.item(),
                                stored.units().stream()
                                        .map(unit -> unit.canTake(vector)
                                                ? new StoredUnit(unit.unit().withVector(vector.vector()), 0)
                                                : unit)
                                        .toList()));
    }

    synchronized void erase(String userId) {
        byUser.remove(userId);
    }

    private Stored stored(String userId, SplitKnowledge item, KnowledgeItem asStored) {
        return new Stored(
                asStored,
                item.unitsOf(userId, asStored).stream()
                        .map(unit -> new StoredUnit(unit, nextTurn.getAsLong()))
                        .toList());
    }

    private SortedMap<Long, Stored> of(String userId) {
        return byUser.getOrDefault(userId, new TreeMap<>());
    }

    /** The last of each id, in the order of the first. */
    private static Collection<SplitKnowledge> distinct(List<SplitKnowledge> items) {
        Map<String, SplitKnowledge> byId = new LinkedHashMap<>();
        items.forEach(item -> byId.put(item.id(), item));
        return byId.values();
    }

    private static long bytes(Map<Long, Stored> items) {
        return items.values().stream().mapToLong(Stored::bytes).sum();
    }

    private static int utf8Bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
