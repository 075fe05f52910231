package memfuse.cluster.http.route;

import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** Answers the requests of one route. */
@FunctionalInterface
public interface Handler {
    /** Never blocks; what it throws or fails with is a fault of the server or of what it stands on. */
    CompletionStage<HttpResponse> handle(Call call);
}
