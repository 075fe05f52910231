package memfuse.protocol.transfer;

/** Something that can hand over a user's memory, piece by piece, so that it never is in memory as a whole. */
@FunctionalInterface
public interface ImportSource {
    /** Hands everything over, in order; what it throws undoes all. */
    void writeTo(ImportSink sink);
}
