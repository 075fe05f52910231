package memfuse.cluster.http;

import java.time.Duration;

/**
 * The address of the API and its bounds.
 *
 * @param port 0 takes any free port
 * @param maxConnections connections at a time; further ones wait in the system's queue
 * @param backlog connections that wait in the system's queue to be taken on; further ones may be reset
 * @param maxInFlight requests in work on this node; further ones are refused with 429
 * @param maxInFlightBytes bytes of bodies in work on this node; what would pass them is refused with 429
 * @param maxQueueTime by which requests of a route may take longer than alone; what would make a longer queue is refused
 *     with 429
 * @param maxBodyBytes of one request; a larger body is refused with 413
 * @param maxMessageBytes of one message, its metadata included, or item of knowledge, in UTF-8; a larger one is refused
 *     with 422
 * @param maxMessagesPerRequest messages, items of knowledge, or ids of either, in one body; more are refused with 422
 * @param maxAnswerBytes of one answer with messages or knowledge; a larger one is refused with 400
 * @param maxInFlightAnswerBytes bytes of large answers in work on this node; what would pass them is refused with 429
 * @param maxWait how long an append may be held for a layer; shorter than every time-out on its way
 * @param requestTimeout from the arrival of a request to its answer, which is then a 503; a body must arrive in the same
 *     time
 * @param shutdownTimeout how long open requests may take when the server stops
 */
public record HttpSettings(
        String host,
        int port,
        int maxConnections,
        int backlog,
        int maxInFlight,
        long maxInFlightBytes,
        Duration maxQueueTime,
        int maxBodyBytes,
        int maxMessageBytes,
        int maxMessagesPerRequest,
        long maxAnswerBytes,
        long maxInFlightAnswerBytes,
        Duration maxWait,
        Duration requestTimeout,
        Duration shutdownTimeout) {
    public HttpSettings {
        if (maxInFlightBytes < maxBodyBytes) {
            throw new IllegalArgumentException("a body of the largest size would never be admitted: maxInFlightBytes="
                    + maxInFlightBytes + ", maxBodyBytes=" + maxBodyBytes);
        }
    }
}
