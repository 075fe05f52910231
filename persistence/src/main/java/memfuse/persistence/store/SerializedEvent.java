package memfuse.persistence.store;

/**
 * A value as the columns of the journal hold it.
 *
 * @param serializerId which serializer reads it
 * @param manifest what that serializer needs to know of its type
 */
public record SerializedEvent(byte[] payload, int serializerId, String manifest) {}
