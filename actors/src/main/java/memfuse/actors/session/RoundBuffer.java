package memfuse.actors.session;

import java.util.ArrayList;
import java.util.List;

/**
 * The first buffer of a session: whole rounds, bounded by tokens and by their number.
 *
 * <p>A round that would pass a bound moves all earlier rounds on to the {@link HybridBuffer} first; a round larger than
 * the token bound moves on with them. Order is kept.
 */
final class RoundBuffer {
    private final int maxTokens;
    private final int maxRounds;
    private final List<BufferedRound> rounds = new ArrayList<>();

    /**
     * @param maxTokens tokens at the most, 1 or more
     * @param maxRounds rounds at the most, 1 or more
     */
    RoundBuffer(int maxTokens, int maxRounds) {
        if (maxTokens < 1 || maxRounds < 1) {
            throw new IllegalArgumentException(
                    "bounds must be positive: maxTokens=" + maxTokens + ", maxRounds=" + maxRounds);
        }
        this.maxTokens = maxTokens;
        this.maxRounds = maxRounds;
    }

    /** Adds a round and returns the rounds that have to move on because of it, oldest first. */
    List<BufferedRound> add(BufferedRound round) {
        int added = round.tokens();
        boolean full = !rounds.isEmpty() && (tokens() + added > maxTokens || rounds.size() >= maxRounds);
        List<BufferedRound> transferred = full || added > maxTokens ? drain() : List.of();
        if (added > maxTokens) {
            transferred = new ArrayList<>(transferred);
            transferred.add(round);
            return transferred;
        }
        rounds.add(round);
        return transferred;
    }

    /** A buffer with the same rounds and bounds, to try out what an added round would do. */
    RoundBuffer copy() {
        RoundBuffer copy = new RoundBuffer(maxTokens, maxRounds);
        copy.rounds.addAll(rounds);
        return copy;
    }

    /** Empties the buffer and returns its rounds, oldest first. */
    List<BufferedRound> drain() {
        List<BufferedRound> drained = List.copyOf(rounds);
        rounds.clear();
        return drained;
    }

    /** The rounds, oldest first. */
    List<BufferedRound> rounds() {
        return rounds;
    }

    int tokens() {
        int tokens = 0;
        for (BufferedRound round : rounds) {
            tokens += round.tokens();
        }
        return tokens;
    }
}
