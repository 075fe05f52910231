package memfuse.persistence.store;

import memfuse.protocol.session.SessionProtocol.Flushed;

/** Writes markers in the form in which the journal's own events are written, so that a replay reads them. */
@FunctionalInterface
public interface JournalSerializer {
    SerializedEvent serialize(Flushed marker);
}
