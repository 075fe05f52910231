package memfuse.cluster.metrics;

import java.util.Optional;
import java.util.function.Supplier;
import memfuse.actors.embedding.EmbeddingStats;
import memfuse.actors.flush.FlushCounters;
import memfuse.actors.user.ActiveUsers;
import memfuse.actors.user.IndexBudget;
import memfuse.actors.user.UserCounters;

/**
 * What is going on in a node's actors, read from any thread at any time.
 *
 * @param flushWorkers how many there are
 * @param embedding empty where there is no model
 * @param facts empty where none are extracted
 */
public record NodeState(
        ActiveUsers activeUsers,
        UserCounters users,
        IndexBudget indexes,
        FlushCounters flushes,
        int flushWorkers,
        Supplier<Optional<EmbeddingStats>> embedding,
        Optional<FactState> facts) {}
