package memfuse.cluster.metrics;

import java.util.Arrays;
import java.util.Locale;

/** Why a request was answered with 429 or 503: the bound that it met, or what was not there. */
public enum RefusalReason {
    /** The rate of the key or the address is used up. */
    RATE_LIMIT,
    /** Too many keys of one address that are not in use. */
    UNKNOWN_KEYS,
    /** Too many requests in work on the node. */
    NODE_IN_FLIGHT,
    /** Too many bytes of bodies in work on the node. */
    NODE_BODY_BYTES,
    /** Too many bytes of large answers in work on the node. */
    ANSWER_BYTES,
    /** More of the route's requests than the node answers without a queue. */
    NODE_QUEUE,
    /** Too many requests in work of the user. */
    USER_IN_FLIGHT("insufficient capacity: userMaxInFlight="),
    /** Too many requests in work of the session. */
    SESSION_IN_FLIGHT("insufficient capacity: sessionMaxInFlight="),
    /** Too many unflushed messages or bytes of the session. */
    SESSION_UNFLUSHED("insufficient capacity: highWater"),
    /** Too many streams of events on the node. */
    EVENT_STREAMS,
    /** Too many readers of the user's events. */
    EVENT_READERS("insufficient capacity: userMaxEventReaders="),
    /** Too many exports, or imports, on the node. */
    TRANSFERS,
    /** The user's index is larger than all indexes may be. */
    INDEX("insufficient capacity: memfuse.index.max-bytes="),
    /** The user is on its way to another node, or this node may not serve. */
    USER_MOVES("the user moves"),
    /** The session failed and is being recovered, or ended before it answered. */
    SESSION_FAILED("the session "),
    /** A query by meaning alone found no embedding in time. */
    EMBEDDING("the query could not be embedded"),
    /** The database does not answer. */
    STORAGE("the store does not answer"),
    /** The answer did not come in time. */
    TIMEOUT,
    /** The node is stopping. */
    STOPPING,
    /** Anything else that is not there now. */
    UNAVAILABLE;

    private final String beginning;

    RefusalReason() {
        this("");
    }

    /** @param beginning of the texts of actors' refusals for this reason; empty where actors do not refuse for it */
    RefusalReason(String beginning) {
        this.beginning = beginning;
    }

    /** The reason that the text of an actor's refusal tells of. */
    public static RefusalReason ofText(String text) {
        return Arrays.stream(values())
                .filter(reason -> !reason.beginning.isEmpty() && text.startsWith(reason.beginning))
                .findFirst()
                .orElse(UNAVAILABLE);
    }

    /** As it stands in the metrics. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
