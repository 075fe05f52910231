package memfuse.protocol.facts;

/** No facts could be extracted. The message tells nothing of what users said. */
public final class FactExtractionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why not. */
    public enum Fault {
        /** The extractor cannot work now, on whatever messages. */
        UNAVAILABLE,
        /** It is these messages that it cannot work on; with fewer at a time it may. */
        MESSAGES
    }

    private final Fault fault;

    public FactExtractionException(Fault fault, String message) {
        super(message);
        this.fault = fault;
    }

    public Fault fault() {
        return fault;
    }
}
