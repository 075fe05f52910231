package memfuse.cluster.http.resource;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import memfuse.cluster.http.docs.DocsPage;
import memfuse.cluster.http.docs.OpenApi;
import memfuse.cluster.http.output.Answers;
import memfuse.cluster.http.route.Call;
import memfuse.cluster.http.route.Need;
import memfuse.cluster.http.route.RouteTable;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.jspecify.annotations.Nullable;

/** {@code /openapi.json} and {@code /docs}: made when they are asked for first, then kept. */
public final class DocsResource {
    private final RouteTable routes;
    private final Map<String, Object> settings;
    private final Executor blocking;
    private @Nullable CompletableFuture<Described> described;

    private record Described(HttpResponse document, HttpResponse page) {}

    /**
     * Describes the routes of a table.
     *
     * @param settings what the description calls by name
     * @param blocking makes it
     */
    public DocsResource(RouteTable routes, Map<String, Object> settings, Executor blocking) {
        this.routes = routes;
        this.settings = Map.copyOf(settings);
        this.blocking = blocking;
    }

    public void addTo(RouteTable table) {
        for (String path : List.of("/openapi.json", "/api/v1/openapi.json")) {
            table.get(path, Need.NOTHING, this::document);
        }
        table.get("/docs", Need.NOTHING, this::page);
    }

    private CompletionStage<HttpResponse> document(Call call) {
        return described().thenApply(Described::document);
    }

    private CompletionStage<HttpResponse> page(Call call) {
        return described().thenApply(Described::page);
    }

    private synchronized CompletableFuture<Described> described() {
        if (described == null || described.isCompletedExceptionally()) {
            described = CompletableFuture.supplyAsync(this::describe, blocking);
        }
        return described;
    }

    private Described describe() {
        ObjectNode document = OpenApi.document(routes.all(), settings);
        DocsPage page = DocsPage.of(document);
        HttpResponse asPage = HttpResponse.create()
                .withEntity(HttpEntities.create(ContentTypes.TEXT_HTML_UTF8, page.html()))
                .addHeader(RawHeader.create("Content-Security-Policy", page.contentSecurityPolicy()))
                .addHeader(RawHeader.create("X-Content-Type-Options", "nosniff"));
        return new Described(Answers.bare(document), asPage);
    }
}
