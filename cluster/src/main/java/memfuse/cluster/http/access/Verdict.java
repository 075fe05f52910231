package memfuse.cluster.http.access;

import java.util.concurrent.CompletableFuture;
import memfuse.cluster.http.route.Caller;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** What the gate says of a request. */
public sealed interface Verdict {
    /** It may go on, for this caller. */
    record Pass(Caller caller) implements Verdict {}

    /** It gets this answer and nothing else. */
    record Stop(HttpResponse answer) implements Verdict {}

    /** The key is not remembered; the store says, once it is asked, whether it is a {@link Pass} or a {@link Stop}. */
    record Wait(CompletableFuture<Verdict> verdict) implements Verdict {}
}
