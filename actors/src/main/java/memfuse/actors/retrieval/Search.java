package memfuse.actors.retrieval;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import memfuse.actors.retrieval.Candidate.Exactness;
import memfuse.actors.retrieval.SearchRequest.Mode;
import memfuse.protocol.memory.UnitKey;
import org.jspecify.annotations.Nullable;

/**
 * One search: collects the signs of every turn, fuses them, and picks the best messages.
 *
 * <p>A message whose words are the query's is put first, the newest of them before the others. Where there are more than
 * {@link #MAX_EXACT}, the rest of them come last, so that a question asked over and over leaves room for its answer.
 */
final class Search {
    private static final int MAX_EXACT = 3;

    /** Turns whose vectors are compared again after a scan of compact ones, by meaning and by words; and for each hit. */
    private static final int MIN_RESCORED = 1_000;

    private static final int RESCORED_PER_HIT = 4;

    private static final CompactVectors.Query NO_QUERY = new CompactVectors.Query(new float[0]);

    private final UnitTable table;
    private final SearchRequest request;
    private final FusionWeights weights;
    private final TurnFeatures turns;
    private final QueryWords words;
    private final List<SessionUnits> sessions = new ArrayList<>();

    private final long textHash;
    private final List<Candidate> exact = new ArrayList<>();
    private final BestCandidates best;
    private final BestCandidates bestOfSession;

    /** Query terms that are in the unit, by slot; null where no unit can have them all. */
    private int @Nullable [] covered;

    private float[] fused = new float[0];
    private CompactVectors.Query compactVector = NO_QUERY;

    Search(UnitTable table, FusionWeights weights, SearchRequest request) {
        this.table = table;
        this.request = request;
        this.weights = weights.in(request.mode());
        turns = new TurnFeatures(table);
        words = QueryWords.of(request.query(), table.speakers);
        textHash = words.hash().value();
        best = new BestCandidates(request.topK(), worstFirst());
        bestOfSession = new BestCandidates(request.topK(), worstFirst());
    }

    List<ScoredUnit> run() {
        selectSearched();
        collectMeaning();
        collectWords();
        rescore();
        collectAdded();
        fused = new ScoreFusion(weights).fuse(turns, sessions.size());
        for (SessionUnits session : sessions) {
            collectCandidates(session);
        }
        return ranked();
    }

    private void selectSearched() {
        boolean withMessages = request.sources().test(UnitSource.MESSAGE);
        boolean withKnowledge = request.sources().test(UnitSource.KNOWLEDGE);
        for (SessionUnits session : table.sessions()) {
            if (request.sessions().test(session.id)) {
                int number = sessions.size();
                boolean any = false;
                for (int place = 0; place < session.size(); place++) {
                    int slot = session.slot(place);
                    if (table.messages[slot] ? withMessages : withKnowledge) {
                        turns.searched[slot] = true;
                        turns.session[slot] = table.messages[slot] ? number : -1;
                        any = true;
                    }
                }
                if (any) {
                    sessions.add(session);
                }
            }
        }
    }

    private void collectMeaning() {
        float[] vector = request.vector();
        if (vector == null || request.mode() == Mode.KEYWORD) {
            return;
        }
        compactVector = table.vectors.isAnyCompact() ? new CompactVectors.Query(vector) : NO_QUERY;
        table.vectors.estimate(vector, compactVector, turns.searched, turns.dense);
    }

    /** Replaces the estimates of those turns by the products themselves that are near in meaning or in words. */
    private void rescore() {
        float[] vector = request.vector();
        if (vector == null || !table.vectors.isAnyCompact()) {
            return;
        }
        int atLeast = Math.max(MIN_RESCORED, RESCORED_PER_HIT * request.topK());
        Cutoff meaning = Cutoff.of(turns.dense, atLeast);
        Cutoff wording = Cutoff.of(turns.bm25Both, atLeast);
        for (int slot = 0; slot < turns.slots; slot++) {
            if ((meaning.isReachedBy(turns.dense[slot]) || wording.isReachedBy(turns.bm25Both[slot]))
                    && !Float.isNaN(turns.dense[slot])) {
                turns.dense[slot] = table.vectors.dot(vector, compactVector, slot);
            }
        }
    }

    private void collectWords() {
        if (request.mode() == Mode.VECTOR) {
            return;
        }
        List<Postings> found = new ArrayList<>();
        Bm25 bm25 = new Bm25(turns, table.lengths);
        for (QueryWords.Term term : words.terms()) {
            Postings postings = table.postings(term.text());
            if (postings != null) {
                found.add(postings);
                bm25.add(postings, term.weight());
            }
        }
        if (words.complete()
                && !found.isEmpty()
                && found.size() == words.terms().size()) {
            covered = coveredBy(found);
        }
    }

    private int[] coveredBy(List<Postings> terms) {
        int[] counts = new int[turns.slots];
        for (Postings postings : terms) {
            for (int i = 0; i < postings.size(); i++) {
                counts[postings.slot(i)]++;
            }
        }
        return counts;
    }

    private void collectAdded() {
        String speaker = table.speakers.onlyOneNamedIn(request.query());
        for (int slot = 0; slot < turns.slots; slot++) {
            if (turns.searched[slot]) {
                double added = table.questions[slot] ? weights.question() : 0;
                if (speaker != null && speaker.equals(table.names[slot])) {
                    added += weights.speaker();
                }
                if (coversQuery(slot)) {
                    added += weights.coverage() * words.terms().size() / table.distinct[slot];
                }
                turns.added[slot] = (float) added;
            }
        }
        request.evidence().forEach(this::raise);
    }

    /** @param first the first unit of a message that gives evidence of facts about the query */
    private void raise(UnitKey first, double score) {
        SessionUnits session = table.session(first.sessionId());
        if (session == null) {
            return;
        }
        int place = session.find(first.seq(), first.chunkNo(), table.units);
        for (int i = Math.max(place, -place - 1); i < session.size(); i++) {
            int slot = session.slot(i);
            if (table.seqs[slot] != first.seq()) {
                return;
            }
            turns.added[slot] += (float) (weights.fact() * score);
        }
    }

    private boolean coversQuery(int slot) {
        return covered != null && covered[slot] == words.terms().size();
    }

    /** Finds each message's best unit, and keeps the message where it is among the best so far. */
    private void collectCandidates(SessionUnits session) {
        for (int place = 0; place < session.size(); ) {
            int end = place + 1;
            int slot = session.slot(place);
            long seq = table.seqs[slot];
            while (end < session.size() && table.seqs[session.slot(end)] == seq) {
                int other = session.slot(end++);
                slot = fused[other] > fused[slot] ? other : slot;
            }
            float score = fused[slot];
            Exactness exactness = exactness(session, place, end);
            if (exactness != Exactness.NONE) {
                exact.add(new Candidate(session, place, end - place, slot, exactness, score));
            } else if (best.mayStay(score) && bestOfSession.mayStay(score) && isEligible(slot)) {
                bestOfSession.keep(new Candidate(session, place, end - place, slot, exactness, score));
            }
            place = end;
        }
        if (!bestOfSession.isEmpty()) {
            spread(bestOfSession.bestFirst());
            bestOfSession.clear();
        }
    }

    /**
     * Takes over a session's best messages; each further one has to be better by as much, or gives way to other sessions.
     */
    private void spread(List<Candidate> bestFirst) {
        double lowered = 0;
        for (Candidate candidate : bestFirst) {
            if (!best.mayStay(candidate.score())) {
                return;
            }
            best.keep(candidate.lowered(lowered));
            lowered += sessions.size() > 1 && table.messages[candidate.slot()] ? weights.spread() : 0;
        }
    }

    /** Whether a message may be found at all: not where the request is for meaning or words and it has none. */
    private boolean isEligible(int slot) {
        if (!turns.searched[slot]) {
            return false;
        }
        if (request.mode() == Mode.VECTOR) {
            return table.vectors.has(slot) && request.vector() != null;
        }
        boolean byWordsAlone = request.mode() == Mode.KEYWORD || request.vector() == null;
        return !byWordsAlone || turns.bm25Both[slot] > 0;
    }

    private Exactness exactness(SessionUnits session, int place, int end) {
        int slot = session.slot(place);
        boolean single = end - place == 1;
        boolean sameText = single ? table.hashes[slot] == textHash : isSameText(session, place, end);
        boolean sameWords = single
                && coversQuery(slot)
                && table.distinct[slot] == words.terms().size();
        if (!turns.searched[slot] || request.mode() == Mode.VECTOR) {
            return Exactness.NONE;
        }
        return sameText ? Exactness.SAME_TEXT : sameWords ? Exactness.SAME_WORDS : Exactness.NONE;
    }

    private boolean isSameText(SessionUnits session, int place, int end) {
        TextHash hash = table.hash(session.slot(place));
        for (int i = place + 1; i < end; i++) {
            hash = hash.then(table.hash(session.slot(i)));
        }
        return hash.equals(words.hash());
    }

    private List<ScoredUnit> ranked() {
        exact.sort(Comparator.comparing(Candidate::exactness).reversed().thenComparing(Candidate::slot, newestFirst()));
        int first = Math.min(MAX_EXACT, exact.size());
        List<Candidate> others = best.bestFirst();
        double top = others.isEmpty() ? 0 : others.get(0).score();
        double bottom = others.isEmpty() ? 0 : others.get(others.size() - 1).score();
        List<ScoredUnit> hits = new ArrayList<>();
        for (int i = 0; i < first; i++) {
            hits.add(hit(exact.get(i), top + first - i));
        }
        for (Candidate other : others) {
            hits.add(hit(other, other.score()));
        }
        for (int i = first; i < exact.size() && hits.size() < request.topK(); i++) {
            hits.add(hit(exact.get(i), bottom + first - i - 1));
        }
        return hits.size() <= request.topK() ? hits : hits.subList(0, request.topK());
    }

    private ScoredUnit hit(Candidate candidate, double score) {
        int slot = candidate.slot();
        float similarity = similarity(slot);
        return new ScoredUnit(
                table.units[slot],
                ScoreFusion.toUnitRange(score),
                score,
                Float.isNaN(similarity) ? 0 : similarity,
                turns.bm25Previous[slot],
                candidate.exactness() != Exactness.NONE,
                otherChunks(candidate));
    }

    /** The cosine itself, also of a turn whose place was found by an estimate. */
    private float similarity(int slot) {
        float[] vector = request.vector();
        return vector == null || Float.isNaN(turns.dense[slot])
                ? Float.NaN
                : table.vectors.dot(vector, compactVector, slot);
    }

    private List<Integer> otherChunks(Candidate candidate) {
        List<Integer> others = new ArrayList<>();
        for (int place = candidate.firstPlace(); place < candidate.firstPlace() + candidate.units(); place++) {
            int slot = candidate.session().slot(place);
            if (slot != candidate.slot() && fused[slot] > 0) {
                others.add(slot);
            }
        }
        others.sort((a, b) -> Float.compare(fused[b], fused[a]));
        return others.stream().map(slot -> table.units[slot].key().chunkNo()).toList();
    }

    private Comparator<Candidate> worstFirst() {
        return (a, b) -> {
            int order = Float.compare(a.score(), b.score());
            return order != 0 ? order : newestFirst().compare(b.slot(), a.slot());
        };
    }

    private Comparator<Integer> newestFirst() {
        return (a, b) -> newer(table.units[b], table.units[a]);
    }

    private static int newer(IndexedUnit a, IndexedUnit b) {
        int order = a.createdAt().compareTo(b.createdAt());
        if (order == 0) {
            order = a.updatedAt().compareTo(b.updatedAt());
        }
        if (order == 0) {
            order = Long.compare(a.key().seq(), b.key().seq());
        }
        return order != 0 ? order : a.key().sessionId().compareTo(b.key().sessionId());
    }
}
