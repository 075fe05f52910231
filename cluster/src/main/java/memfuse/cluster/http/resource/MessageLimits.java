package memfuse.cluster.http.resource;

import java.time.Duration;

/**
 * Bounds of what one request may bring.
 *
 * @param maxMessageBytes of one message's content and metadata together, or of one item of knowledge, in UTF-8
 * @param maxMessages messages, items of knowledge, or ids of either, in one body
 * @param maxWait how long an answer may be held until a layer has the messages
 */
public record MessageLimits(int maxMessageBytes, int maxMessages, Duration maxWait) {}
