package memfuse.cluster.http.resource;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import memfuse.cluster.http.output.Answers;
import memfuse.cluster.http.output.Refusals;
import memfuse.cluster.http.route.Call;
import memfuse.cluster.http.route.Need;
import memfuse.cluster.http.route.RouteTable;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/**
 * {@code /health}: clients ask it before every request, so it is answered from memory, whatever the node has in work.
 * Operators find the same routes without the prefix.
 */
public final class HealthResource {
    private final ServerStatus server;
    private final Map<String, Object> config;

    public HealthResource(ServerStatus server) {
        this.server = server;
        this.config = new TreeMap<>(server.config());
    }

    public void addTo(RouteTable routes) {
        for (String prefix : List.of("", "/api/v1")) {
            routes.getFree(prefix + "/health", Need.NOTHING, this::health)
                    .getFree(prefix + "/health/live", Need.NOTHING, this::live)
                    .getFree(prefix + "/health/ready", Need.NOTHING, this::ready);
        }
    }

    private CompletionStage<HttpResponse> health(Call call) {
        return CompletableFuture.completedFuture(Answers.ok("MemFuse is running", json -> {
            json.writeStringField("status", "ok");
            json.writeStringField("version", server.version());
            json.writeObjectFieldStart("config");
            for (var setting : config.entrySet()) {
                json.writeObjectField(setting.getKey(), setting.getValue());
            }
            json.writeEndObject();
        }));
    }

    private CompletionStage<HttpResponse> live(Call call) {
        return CompletableFuture.completedFuture(
                Answers.ok("The server is alive", json -> json.writeStringField("status", "ok")));
    }

    private CompletionStage<HttpResponse> ready(Call call) {
        return CompletableFuture.completedFuture(server.notReadyBecause()
                .get()
                .map(reason -> Refusals.unavailable("The server is not ready: " + reason))
                .orElseGet(() -> Answers.ok("The server is ready", json -> json.writeStringField("status", "ok"))));
    }
}
