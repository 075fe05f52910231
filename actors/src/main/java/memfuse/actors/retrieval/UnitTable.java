package memfuse.actors.retrieval;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import memfuse.protocol.memory.UnitKey;
import org.jspecify.annotations.Nullable;

/**
 * The units of one user's index and everything derived from them, in columns by <i>slot</i>.
 *
 * <p>A slot is a number from 0 in the order of insertion. A removed unit leaves its slot empty until so many are empty
 * that the table is packed, which keeps the order. Each unit of a conversation knows its neighbours' slots.
 */
final class UnitTable {
    private static final int NONE = -1;
    private static final int MIN_EMPTY_TO_PACK = 64;

    /** What a unit takes beside its text, terms and vector: its objects and its columns. */
    private static final int UNIT_BYTES = 280;

    final VectorBlocks vectors;
    final Speakers speakers = new Speakers();

    IndexedUnit[] units = new IndexedUnit[4];

    // What a search reads of every unit, beside the units: following references costs more than computing.
    long[] seqs = new long[4];
    boolean[] messages = new boolean[4];

    @Nullable
    String[] names = new String[4];

    int[] previous = new int[4];
    int[] next = new int[4];

    /** Terms, and distinct terms. */
    int[] lengths = new int[4];

    int[] distinct = new int[4];
    float[] logLengths = new float[4];
    boolean[] questions = new boolean[4];
    long[] hashes = new long[4];
    long[] hashPowers = new long[4];
    SessionUnits[] sessionOf = new SessionUnits[4];

    /** In the order of their first units, so that whoever goes through them goes through the columns from end to end. */
    private final Map<String, SessionUnits> sessions = new LinkedHashMap<>();

    private final Map<String, Postings> postings = new HashMap<>();
    private int slots;
    private int empty;
    private long textBytes;
    private long postingBytes;

    UnitTable(int dimensions, int compactFrom) {
        vectors = new VectorBlocks(dimensions, compactFrom);
    }

    /** One more than the largest slot in use. */
    int slots() {
        return slots;
    }

    int size() {
        return slots - empty;
    }

    Collection<SessionUnits> sessions() {
        return sessions.values();
    }

    @Nullable
    SessionUnits session(String id) {
        return sessions.get(id);
    }

    @Nullable
    Postings postings(String term) {
        return postings.get(term);
    }

    /** Bytes on the heap, roughly. */
    long heapBytes() {
        return 1_000 + textBytes + postingBytes + (long) UNIT_BYTES * units.length + vectors.heapBytes();
    }

    /** The unit's slot, or −1. */
    int slotOf(UnitKey key) {
        SessionUnits session = sessions.get(key.sessionId());
        int place = session == null ? NONE : session.find(key.seq(), key.chunkNo(), units);
        return session == null || place < 0 ? NONE : session.slot(place);
    }

    /** Adds a unit whose key is not there and returns its slot. */
    int add(IndexedUnit unit) {
        if (slots == Postings.MAX_SLOTS) {
            throw new IllegalStateException("insufficient capacity: maxUnits=" + Postings.MAX_SLOTS);
        }
        SessionUnits session = sessions.computeIfAbsent(unit.key().sessionId(), SessionUnits::new);
        int place = -session.find(unit.key().seq(), unit.key().chunkNo(), units) - 1;
        int slot = slots++;
        grow();
        String name = speakers.add(unit.name());
        units[slot] = unit.sharing(session.id, name);
        names[slot] = name;
        seqs[slot] = unit.key().seq();
        messages[slot] = unit.source() == UnitSource.MESSAGE;
        sessionOf[slot] = session;
        textBytes += textBytes(unit);
        TextHash hash = TextHash.of(unit.text());
        hashes[slot] = hash.value();
        hashPowers[slot] = hash.power();
        questions[slot] = endsAsQuestion(unit.text());
        logLengths[slot] = (float) Math.log1p(unit.tokens());
        addTerms(slot, unit.text());
        session.insert(place, slot);
        link(session, place);
        return slot;
    }

    TextHash hash(int slot) {
        return new TextHash(hashes[slot], hashPowers[slot]);
    }

    /** Removes the unit in a slot. */
    void remove(int slot) {
        IndexedUnit unit = units[slot];
        SessionUnits session = sessionOf[slot];
        int place = session.find(unit.key().seq(), unit.key().chunkNo(), units);
        join(previous[slot], next[slot]);
        session.remove(place);
        if (session.size() == 0) {
            sessions.remove(session.id);
        }
        speakers.remove(unit.name());
        vectors.clear(slot);
        textBytes -= textBytes(unit);
        clearSlot(slot);
        empty++;
    }

    /** Packs the table where it pays. Slots change: call it between operations only. */
    void packIfSparse() {
        if (empty < MIN_EMPTY_TO_PACK || empty * 2 < slots) {
            return;
        }
        int[] newSlots = new int[slots];
        int kept = 0;
        for (int slot = 0; slot < slots; slot++) {
            newSlots[slot] = units[slot] == null ? NONE : kept++;
        }
        for (int slot = 0; slot < slots; slot++) {
            if (newSlots[slot] != NONE) {
                move(slot, newSlots[slot], newSlots);
            }
        }
        for (int slot = kept; slot < slots; slot++) {
            clearSlot(slot);
        }
        vectors.truncate(kept);
        sessions.values().forEach(session -> session.renumber(newSlots));
        postings.values().removeIf(p -> {
            p.renumber(slot -> newSlots[slot]);
            return p.size() == 0;
        });
        postingBytes = 0;
        postings.forEach((term, p) -> postingBytes += termBytes(term) + p.heapBytes());
        slots = kept;
        empty = 0;
        resize(Math.max(4, kept + (kept >> 2)));
    }

    private void addTerms(int slot, String text) {
        TextAnalysis analysis = TextAnalysis.of(text);
        lengths[slot] = analysis.length();
        distinct[slot] = analysis.counts().size();
        analysis.counts().forEach((term, occurrences) -> {
            Postings list = postings.get(term);
            if (list == null) {
                list = new Postings();
                postings.put(term, list);
                postingBytes += termBytes(term);
            } else {
                postingBytes -= list.heapBytes();
            }
            list.add(slot, occurrences);
            postingBytes += list.heapBytes();
        });
    }

    private void link(SessionUnits session, int place) {
        int slot = session.slot(place);
        previous[slot] = NONE;
        next[slot] = NONE;
        if (messages[slot]) {
            if (place > 0) {
                join(session.slot(place - 1), slot);
            }
            if (place < session.size() - 1) {
                join(slot, session.slot(place + 1));
            }
        }
    }

    /** Makes two slots neighbours; either may be missing. */
    private void join(int before, int after) {
        if (before >= 0) {
            next[before] = after;
        }
        if (after >= 0) {
            previous[after] = before;
        }
    }

    private void move(int slot, int target, int[] newSlots) {
        units[target] = units[slot];
        seqs[target] = seqs[slot];
        messages[target] = messages[slot];
        names[target] = names[slot];
        previous[target] = previous[slot] < 0 ? NONE : newSlots[previous[slot]];
        next[target] = next[slot] < 0 ? NONE : newSlots[next[slot]];
        lengths[target] = lengths[slot];
        distinct[target] = distinct[slot];
        logLengths[target] = logLengths[slot];
        questions[target] = questions[slot];
        hashes[target] = hashes[slot];
        hashPowers[target] = hashPowers[slot];
        sessionOf[target] = sessionOf[slot];
        vectors.move(slot, target);
    }

    @SuppressWarnings("NullAway") // an empty slot holds nulls, and nobody looks at an empty slot
    private void clearSlot(int slot) {
        units[slot] = null;
        names[slot] = null;
        sessionOf[slot] = null;
        previous[slot] = NONE;
        next[slot] = NONE;
    }

    private void grow() {
        if (slots > units.length) {
            resize(Math.max(8, units.length + (units.length >> 1)));
        }
    }

    private void resize(int capacity) {
        units = Arrays.copyOf(units, capacity);
        seqs = Arrays.copyOf(seqs, capacity);
        messages = Arrays.copyOf(messages, capacity);
        names = Arrays.copyOf(names, capacity);
        previous = Arrays.copyOf(previous, capacity);
        next = Arrays.copyOf(next, capacity);
        lengths = Arrays.copyOf(lengths, capacity);
        distinct = Arrays.copyOf(distinct, capacity);
        logLengths = Arrays.copyOf(logLengths, capacity);
        questions = Arrays.copyOf(questions, capacity);
        hashes = Arrays.copyOf(hashes, capacity);
        hashPowers = Arrays.copyOf(hashPowers, capacity);
        sessionOf = Arrays.copyOf(sessionOf, capacity);
    }

    private static boolean endsAsQuestion(String text) {
        for (int i = text.length() - 1; i >= 0 && i > text.length() - 16; i--) {
            char c = text.charAt(i);
            if (c == '?' || c == '？' || c == '؟') {
                return true;
            }
            if (!Character.isWhitespace(c) && "\"')]}”’»!".indexOf(c) < 0) {
                return false;
            }
        }
        return false;
    }

    private static long textBytes(IndexedUnit unit) {
        return stringBytes(unit.text()) + stringBytes(unit.messageId());
    }

    /** A term with its entry in the dictionary. */
    private static long termBytes(String term) {
        return 48 + stringBytes(term);
    }

    private static long stringBytes(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 0xFF) {
                return 40 + 2L * text.length();
            }
        }
        return 40L + text.length();
    }
}
