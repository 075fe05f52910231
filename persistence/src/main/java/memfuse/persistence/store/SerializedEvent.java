package memfuse.persistence.store;

/**
 * An event as the journal's columns hold it.
 *
 * @param serializerId which serializer reads it
 * @param manifest what that serializer needs to know of its type
 */
public record SerializedEvent(byte[] payload, int serializerId, String manifest) {}
