package memfuse.actors.retrieval;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Predicate;
import memfuse.protocol.knowledge.KnowledgeUnit;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.UnitKey;
import org.jspecify.annotations.Nullable;

/**
 * One user's searchable memory on the heap: texts, words and vectors. Not thread-safe; the user's actor owns it.
 *
 * <p>What is added is found by the next search, by its words first and by its meaning once its vector is set. Every
 * search looks at every unit: vectors by a scan, words by postings; nothing to be maintained but the lists themselves. A
 * large index keeps its vectors with eight bits a number, scans the upper four, and compares the nearest again with all
 * eight. A message of several units is found once, by its best one.
 *
 * <p>A message that is searched by its own words, in any order, is among the first hits, whatever else is there.
 */
public final class MemoryIndex {
    private final int dimensions;
    private final int compactFrom;
    private final FusionWeights weights;
    private UnitTable table;

    /** An index whose vectors stay as they are, however many they become. */
    public MemoryIndex(int dimensions, FusionWeights weights) {
        this(dimensions, weights, Integer.MAX_VALUE);
    }

    /**
     * @param dimensions floats of a vector; 0 where there is no embedding model
     * @param compactFrom units from which on vectors are kept with eight bits a number
     */
    public MemoryIndex(int dimensions, FusionWeights weights, int compactFrom) {
        this.dimensions = dimensions;
        this.compactFrom = compactFrom;
        this.weights = weights;
        table = new UnitTable(dimensions, compactFrom);
    }

    /** Adds a message's unit with its vector, if it has one already. See {@link #add(IndexedUnit, float[])}. */
    public boolean add(MemoryUnit unit) {
        return add(IndexedUnit.of(unit), unit.vector());
    }

    /** Adds a unit of knowledge with its vector, if it has one already. See {@link #add(IndexedUnit, float[])}. */
    public boolean add(KnowledgeUnit unit) {
        return add(IndexedUnit.of(unit), unit.vector());
    }

    /**
     * Adds a unit. Returns false where its key is there already: the unit stays as it is then, but takes the vector if
     * it has none and the text is the same.
     */
    public boolean add(IndexedUnit unit, float @Nullable [] vector) {
        int slot = table.slotOf(unit.key());
        boolean added = slot < 0;
        if (added) {
            slot = table.add(unit);
        }
        if (vector != null
                && !table.vectors.has(slot)
                && table.units[slot].text().equals(unit.text())) {
            table.vectors.set(slot, vector);
        }
        return added;
    }

    /**
     * Sets a unit's vector. Returns false, and does nothing, where the unit is gone or has another text by now.
     *
     * @param embeddedText the text the vector was made of, see {@link IndexedUnit#embeddedText()}
     */
    public boolean setVector(UnitKey key, String embeddedText, float[] vector) {
        int slot = table.slotOf(key);
        if (slot < 0 || !table.units[slot].embeddedText().equals(embeddedText)) {
            return false;
        }
        table.vectors.set(slot, vector);
        return true;
    }

    /** Puts these units in the place of a message's units, whatever those are; the message stays in its round. */
    public void replaceMessage(String sessionId, long seq, List<MemoryUnit> units) {
        IndexedUnit first = get(new UnitKey(sessionId, seq, 0));
        long roundSeq = first == null ? 0 : first.roundSeq();
        removeMessage(sessionId, seq);
        units.forEach(unit -> add(unit.message().roundSeq() == 0 ? unit.inRound(roundSeq) : unit));
    }

    /** Puts these units in the place of the units of some items of a user's knowledge, whatever those are. */
    public void replaceKnowledge(String userId, Collection<Long> numbers, List<KnowledgeUnit> units) {
        numbers.forEach(number -> removeMessage(UnitKey.knowledgeOf(userId), number));
        units.forEach(this::add);
    }

    /** Removes a message's units and returns how many there were. */
    public int removeMessage(String sessionId, long seq) {
        SessionUnits session = table.session(sessionId);
        int removed = 0;
        if (session != null) {
            int place = session.find(seq, 0, table.units);
            place = place < 0 ? -place - 1 : place;
            while (place < session.size()
                    && table.units[session.slot(place)].key().seq() == seq) {
                table.remove(session.slot(place));
                removed++;
            }
        }
        table.packIfSparse();
        return removed;
    }

    /** Removes a session's units and returns how many there were. */
    public int removeSession(String sessionId) {
        SessionUnits session = table.session(sessionId);
        int removed = 0;
        while (session != null && session.size() > 0) {
            table.remove(session.slot(session.size() - 1));
            removed++;
        }
        table.packIfSparse();
        return removed;
    }

    /** Removes everything. */
    public void clear() {
        table = new UnitTable(dimensions, compactFrom);
    }

    /** The unit of that key, or null. */
    public @Nullable IndexedUnit get(UnitKey key) {
        int slot = table.slotOf(key);
        return slot < 0 ? null : table.units[slot];
    }

    /** Whether the unit is there and can be found by its meaning. */
    public boolean hasVector(UnitKey key) {
        int slot = table.slotOf(key);
        return slot >= 0 && table.vectors.has(slot);
    }

    /**
     * Whether one unit has all words of a query, in any order; such a unit is what the query asks for, whatever it
     * means. True of a query without words.
     */
    public boolean hasAllWordsOf(String query) {
        Postings rarest = null;
        List<Postings> all = new ArrayList<>();
        for (String term : TextAnalysis.of(query).counts().keySet()) {
            Postings postings = table.postings(term);
            if (postings == null) {
                return false;
            }
            all.add(postings);
            rarest = rarest == null || postings.size() < rarest.size() ? postings : rarest;
        }
        for (int i = 0; rarest != null && i < rarest.size(); i++) {
            int slot = rarest.slot(i);
            if (table.units[slot] != null && all.stream().allMatch(postings -> postings.has(slot))) {
                return true;
            }
        }
        return all.isEmpty();
    }

    /** Units. */
    public int size() {
        return table.size();
    }

    /** Bytes on the heap, roughly. */
    public long heapBytes() {
        return table.heapBytes();
    }

    /**
     * The first of some units in an order.
     *
     * @param total how many there are in all
     */
    public record Page(List<IndexedUnit> units, long total) {}

    /** The first units, at most {@code limit}, of those that are chosen from these sessions. */
    public Page page(
            Predicate<String> sessions, Predicate<IndexedUnit> chosen, Comparator<IndexedUnit> order, int limit) {
        PriorityQueue<IndexedUnit> first = new PriorityQueue<>(order.reversed());
        long total = 0;
        for (SessionUnits session : table.sessions()) {
            for (int place = 0; sessions.test(session.id) && place < session.size(); place++) {
                IndexedUnit unit = table.units[session.slot(place)];
                if (chosen.test(unit)) {
                    total++;
                    first.add(unit);
                    if (first.size() > limit) {
                        first.remove();
                    }
                }
            }
        }
        return new Page(first.stream().sorted(order).toList(), total);
    }

    /** The messages that answer a query best, best first; of equal ones the newest first. */
    public List<ScoredUnit> search(SearchRequest request) {
        float[] vector = request.vector();
        if (vector != null && vector.length != dimensions) {
            throw new IllegalArgumentException(
                    "a query vector of another model: dimensions=" + dimensions + ", length=" + vector.length);
        }
        if (request.topK() <= 0 || table.size() == 0) {
            return List.of();
        }
        return new Search(table, weights, request).run();
    }
}
