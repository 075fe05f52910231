package memfuse.cluster.http.resource;

import java.util.Map;
import java.util.Optional;
import memfuse.cluster.http.output.Refusals;
import memfuse.cluster.http.route.QueryParameters;
import memfuse.protocol.memory.RoundId;
import memfuse.protocol.user.ChunkRequest;
import memfuse.protocol.user.ChunkRequest.SortBy;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.jspecify.annotations.Nullable;

/** What a list of chunks is asked for, read from its query string. */
sealed interface ChunkQuery {
    /** A page that can be asked for. */
    record Page(int limit, SortBy sortBy, boolean descending) implements ChunkQuery {
        ChunkRequest of(@Nullable String sessionId, @Nullable RoundId round) {
            return new ChunkRequest(sessionId, round, limit, sortBy, descending);
        }
    }

    /** A parameter breaks a rule; {@code answer} says which. */
    record Invalid(HttpResponse answer) implements ChunkQuery {}

    /** Two names for each, that of the history and that of the answer. */
    Map<String, SortBy> SORTS = Map.of(
            "created_at", SortBy.TIMESTAMP,
            "timestamp", SortBy.TIMESTAMP,
            "chunk_id", SortBy.ID,
            "id", SortBy.ID);

    static ChunkQuery read(QueryParameters query) {
        String limitText = query.get("limit").orElse(Integer.toString(HistoryQuery.DEFAULT_LIMIT));
        Optional<Integer> limit = HistoryQuery.limit(limitText);
        if (limit.isEmpty()) {
            return invalid("limit", "an integer from 1 to " + ChunkRequest.MAX_LIMIT, limitText);
        }
        String sortText = query.get("sort_by").orElse("created_at");
        SortBy sortBy = SORTS.get(sortText);
        if (sortBy == null) {
            return invalid("sort_by", "created_at, timestamp, chunk_id or id", sortText);
        }
        String orderText = query.get("order").orElse("desc");
        if (!orderText.equals("asc") && !orderText.equals("desc")) {
            return invalid("order", "asc or desc", orderText);
        }
        return new Page(limit.get(), sortBy, orderText.equals("desc"));
    }

    private static Invalid invalid(String name, String rule, String value) {
        return new Invalid(Refusals.invalidParameter(name, rule, value));
    }
}
