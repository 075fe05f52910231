package memfuse.cluster.http;

import java.net.BindException;
import java.util.Locale;

/** The API's address cannot be listened on; the message says why, in one line for the person who starts the server. */
public final class HttpBindException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private HttpBindException(String message, Throwable cause) {
        super(message, cause);
    }

    static HttpBindException of(String host, int port, Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && !(cause instanceof BindException)) {
            cause = cause.getCause();
        }
        String reason = String.valueOf(cause.getMessage());
        String told = reason.toLowerCase(Locale.ROOT).contains("in use") ? "the port is in use" : reason;
        return new HttpBindException("cannot listen on " + host + ":" + port + ": " + told, failure);
    }
}
