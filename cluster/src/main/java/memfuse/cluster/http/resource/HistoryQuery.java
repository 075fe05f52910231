package memfuse.cluster.http.resource;

import java.util.Locale;
import java.util.Optional;
import memfuse.cluster.http.output.Refusals;
import memfuse.cluster.http.route.QueryParameters;
import memfuse.protocol.memory.HistoryRequest;
import memfuse.protocol.memory.HistoryRequest.SortBy;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** What {@code GET …/messages} asks for, read from its query string. */
sealed interface HistoryQuery {
    /** A page that can be asked for. */
    record Page(HistoryRequest request) implements HistoryQuery {}

    /** A parameter breaks a rule; {@code answer} says which. */
    record Invalid(HttpResponse answer) implements HistoryQuery {}

    int DEFAULT_LIMIT = 20;

    static HistoryQuery read(QueryParameters query) {
        String limitText = query.get("limit").orElse(Integer.toString(DEFAULT_LIMIT));
        Optional<Integer> limit = limit(limitText);
        if (limit.isEmpty()) {
            return invalid("limit", "an integer from 1 to " + HistoryRequest.MAX_LIMIT, limitText);
        }
        String sortText = query.get("sort_by").orElse("timestamp");
        if (!sortText.equals("timestamp") && !sortText.equals("id")) {
            return invalid("sort_by", "timestamp or id", sortText);
        }
        String orderText = query.get("order").orElse("desc");
        if (!orderText.equals("asc") && !orderText.equals("desc")) {
            return invalid("order", "asc or desc", orderText);
        }
        String bufferText = query.get("buffer_only").orElse("false");
        String bufferOnly = bufferText.toLowerCase(Locale.ROOT);
        if (!bufferOnly.equals("true") && !bufferOnly.equals("false")) {
            return invalid("buffer_only", "true or false", bufferText);
        }
        return new Page(new HistoryRequest(
                limit.get(),
                sortText.equals("id") ? SortBy.ID : SortBy.TIMESTAMP,
                orderText.equals("desc"),
                bufferOnly.equals("true")));
    }

    /** The limit that a text stands for, if it is one. */
    static Optional<Integer> limit(String text) {
        if (!text.matches("[0-9]{1,9}")) {
            return Optional.empty();
        }
        return Optional.of(Integer.valueOf(text)).filter(limit -> limit >= 1 && limit <= HistoryRequest.MAX_LIMIT);
    }

    private static Invalid invalid(String name, String rule, String value) {
        return new Invalid(Refusals.invalidParameter(name, rule, value));
    }
}
