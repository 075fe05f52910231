package memfuse.cluster.http.resource;

import java.util.Optional;
import java.util.concurrent.CompletionStage;
import memfuse.cluster.http.backend.AsyncDirectory;
import memfuse.cluster.http.output.Answers;
import memfuse.cluster.http.output.Refusals;
import memfuse.cluster.http.output.StoredObjects;
import memfuse.cluster.http.route.Call;
import memfuse.cluster.http.route.Need;
import memfuse.cluster.http.route.Owner;
import memfuse.cluster.http.route.RouteTable;
import memfuse.protocol.directory.ErasureReceipt;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;

/** {@code GET /erasures/{id}}: the receipt of a user or session that was erased, by the id it had. */
public final class ErasureResource {
    private static final String PATH = "/api/v1/erasures/";

    private final AsyncDirectory directory;

    public ErasureResource(AsyncDirectory directory) {
        this.directory = directory;
    }

    /** Says in the answer to an erasure where its receipt is. */
    static HttpHeader location(String id) {
        return RawHeader.create("Location", PATH + id);
    }

    public void addTo(RouteTable routes) {
        routes.get(PATH + "{id}", Need.read(Owner.lookedUp(this::owner, Refusals::erasureNotFound)), this::read);
    }

    private CompletionStage<Optional<String>> owner(String id) {
        return directory.erasure(id).thenApply(found -> found.map(ErasureReceipt::userId));
    }

    private CompletionStage<HttpResponse> read(Call call) {
        return directory
                .erasure(call.id())
                .thenApply(found -> found.map(receipt -> Answers.ok(
                                "Erasure retrieved successfully",
                                "erasure",
                                json -> StoredObjects.erasure(json, receipt)))
                        .orElseGet(() -> Refusals.erasureNotFound(call.id())));
    }
}
