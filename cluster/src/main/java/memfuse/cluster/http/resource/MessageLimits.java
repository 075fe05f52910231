package memfuse.cluster.http.resource;

/**
 * Bounds of what one request may bring.
 *
 * @param maxMessageBytes of one message's content and metadata together, in UTF-8
 * @param maxMessages messages, or ids of messages, in one body
 */
public record MessageLimits(int maxMessageBytes, int maxMessages) {}
