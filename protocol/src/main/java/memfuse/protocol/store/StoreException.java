package memfuse.protocol.store;

/** The store did not do what it was asked; whether anything was written is unknown, and the same call may be repeated. */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }

    public StoreException(String message) {
        super(message);
    }
}
