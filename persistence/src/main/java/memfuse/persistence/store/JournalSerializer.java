package memfuse.persistence.store;

import memfuse.protocol.CborSerializable;

/** Writes and reads what the journal's own events are written with, so that a replay reads a marker of the store's. */
public interface JournalSerializer {
    SerializedEvent serialize(CborSerializable value);

    /**
     * Reads what {@link #serialize} wrote.
     *
     * @throws IllegalArgumentException where it is something else
     */
    <T extends CborSerializable> T deserialize(SerializedEvent serialized, Class<T> type);
}
