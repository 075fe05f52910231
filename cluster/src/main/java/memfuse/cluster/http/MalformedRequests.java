package memfuse.cluster.http;

import memfuse.cluster.http.output.Answers;
import org.apache.pekko.event.LoggingAdapter;
import org.apache.pekko.http.ParsingErrorHandler;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.scaladsl.model.ErrorInfo;
import org.apache.pekko.http.scaladsl.model.StatusCode;
import org.apache.pekko.http.scaladsl.settings.ServerSettings;

/** Answers what is not even HTTP, in JSON and without a line in the log; Pekko closes the connection after it. */
public final class MalformedRequests extends ParsingErrorHandler {
    /** Pekko takes handlers that are Scala objects; this is where it looks for the instance. */
    public static final MalformedRequests MODULE$ = new MalformedRequests();

    private MalformedRequests() {}

    @Override
    public HttpResponse handle(StatusCode status, ErrorInfo error, LoggingAdapter log, ServerSettings settings) {
        return Answers.detail(status.intValue(), status.defaultMessage());
    }
}
