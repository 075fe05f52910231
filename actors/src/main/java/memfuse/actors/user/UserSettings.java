package memfuse.actors.user;

import java.time.Duration;

/**
 * The bounds and times of a user.
 *
 * @param maxInFlight requests under way for the user; more are refused
 * @param maxInFlightPerSession requests under way for one session; more are refused
 * @param sessionIdleTimeout how long a session without unflushed messages stays awake after its last request
 * @param idleTimeout how long a user without awake sessions stays awake after the last request
 * @param maxTopK hits that one query can have
 * @param queryCacheSize answers that are remembered; 0 remembers none
 * @param similarityThreshold the least cosine at which a query may have the answer of another one; 1: none has
 * @param searchAsideFrom units of a user from which on searches have threads of their own, so that nothing waits for them
 * @param embeddingTimeout how long a query waits for its embedding before it is answered by words alone
 */
public record UserSettings(
        int maxInFlight,
        int maxInFlightPerSession,
        Duration sessionIdleTimeout,
        Duration idleTimeout,
        int maxTopK,
        int queryCacheSize,
        double similarityThreshold,
        int searchAsideFrom,
        Duration embeddingTimeout) {
    public UserSettings {
        if (maxInFlight < 1 || maxInFlightPerSession < 1 || maxTopK < 1 || queryCacheSize < 0) {
            throw new IllegalArgumentException("bounds must be positive: maxInFlight=" + maxInFlight
                    + ", maxInFlightPerSession=" + maxInFlightPerSession + ", maxTopK=" + maxTopK + ", queryCacheSize="
                    + queryCacheSize);
        }
    }
}
