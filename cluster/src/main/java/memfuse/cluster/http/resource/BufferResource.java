package memfuse.cluster.http.resource;

import java.util.concurrent.CompletionStage;
import memfuse.cluster.http.backend.FlushedBuffers;
import memfuse.cluster.http.backend.UserActors;
import memfuse.cluster.http.output.Answers;
import memfuse.cluster.http.output.Refusals;
import memfuse.cluster.http.route.Call;
import memfuse.cluster.http.route.Need;
import memfuse.cluster.http.route.RouteTable;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** {@code /buffer}: what operators do with the buffers. */
public final class BufferResource {
    private final UserActors users;

    public BufferResource(UserActors users) {
        this.users = users;
    }

    public void addTo(RouteTable routes) {
        routes.post("/api/v1/buffer/flush", Need.ADMIN, this::flush);
    }

    private CompletionStage<HttpResponse> flush(Call call) {
        return users.flushAll().thenApply(BufferResource::answer);
    }

    private static HttpResponse answer(FlushedBuffers flushed) {
        return flushed.isWhole()
                ? Answers.ok(
                        "Buffers flushed successfully", json -> json.writeNumberField("sessions", flushed.sessions()))
                : Refusals.buffersLeft(flushed.usersLeft());
    }
}
