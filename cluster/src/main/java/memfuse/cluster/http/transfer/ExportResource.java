package memfuse.cluster.http.transfer;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import memfuse.cluster.http.backend.AsyncDirectory;
import memfuse.cluster.http.backend.UserActors;
import memfuse.cluster.http.output.Refusals;
import memfuse.cluster.http.output.StreamPlaces;
import memfuse.cluster.http.route.Call;
import memfuse.cluster.http.route.Need;
import memfuse.cluster.http.route.Owner;
import memfuse.cluster.http.route.RouteTable;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.Session;
import memfuse.protocol.knowledge.KnowledgeStore;
import org.apache.pekko.NotUsed;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code GET /users/{id}/export}: a user's memory as a stream of JSON lines. */
public final class ExportResource {
    private static final Logger LOG = LoggerFactory.getLogger(ExportResource.class);
    private static final ContentType NDJSON = ContentTypes.parse("application/x-ndjson");

    private final AsyncDirectory directory;
    private final UserActors users;
    private final KnowledgeStore knowledge;
    private final InstantSource clock;
    private final Executor blocking;
    private final TransferSettings settings;
    private final StreamPlaces places;

    /** @param blocking reads knowledge */
    public ExportResource(
            AsyncDirectory directory, UserActors users, TransferParts parts, InstantSource clock, Executor blocking) {
        this.directory = directory;
        this.users = users;
        this.knowledge = parts.knowledge();
        this.clock = clock;
        this.blocking = blocking;
        this.settings = parts.settings();
        this.places = new StreamPlaces(settings.maxConcurrent(), clock);
    }

    public void addTo(RouteTable routes) {
        routes.get("/api/v1/users/{id}/export", Need.read(Owner.USER_IN_PATH), this::export);
    }

    private CompletionStage<HttpResponse> export(Call call) {
        StreamPlaces.Place place = places.take().orElse(null);
        if (place == null) {
            return CompletableFuture.completedFuture(Refusals.tooManyTransfers("exports", settings.maxConcurrent()));
        }
        String userId = call.id();
        return place.with(directory
                .find(EntityKind.USER, userId)
                .thenCombine(
                        directory.sessionsOf(userId),
                        (user, sessions) -> user.map(found -> stream(found, sessions, place))
                                .orElseGet(() -> Refusals.notFound(EntityKind.USER, userId))));
    }

    private HttpResponse stream(Entity user, List<Session> sessions, StreamPlaces.Place place) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        SessionPages pages = new SessionPages(user.id(), users, directory, blocking);
        Source<ByteString, NotUsed> lines = new Export(user, sessions, now, directory, pages, knowledge, blocking)
                .lines()
                .mapError(CompletionException.class, ExportResource::cause)
                .completionTimeout(settings.timeout());
        return HttpResponse.create()
                .withEntity(HttpEntities.createChunked(NDJSON, place.hold(lines, failure -> ended(user.id(), failure))))
                .addHeader(RawHeader.create("Cache-Control", "no-store"));
    }

    private static Throwable cause(CompletionException failure) {
        return failure.getCause() == null ? failure : failure.getCause();
    }

    private static void ended(String userId, @Nullable Throwable failure) {
        if (failure != null) {
            LOG.info("the export of user {} was broken off: {}", userId, failure.getMessage());
        }
    }
}
