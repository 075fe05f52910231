package memfuse.cluster.http.resource;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import memfuse.cluster.http.backend.AsyncDirectory;
import memfuse.cluster.http.backend.UserActors;
import memfuse.cluster.http.output.Answers;
import memfuse.cluster.http.output.Chunks;
import memfuse.cluster.http.output.Refusals;
import memfuse.cluster.http.route.Call;
import memfuse.cluster.http.route.Need;
import memfuse.cluster.http.route.Owner;
import memfuse.cluster.http.route.RouteTable;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.memory.RoundId;
import memfuse.protocol.user.ChunkRequest;
import memfuse.protocol.user.UserProtocol.ChunksListed;
import memfuse.protocol.user.UserProtocol.ListChunks;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** The units that messages are searched by, of a session, of a round, and of all that a user has. */
public final class ChunkResource {
    private static final String RETRIEVED = "Chunks retrieved successfully";

    private final AsyncDirectory directory;
    private final UserActors users;

    public ChunkResource(AsyncDirectory directory, UserActors users) {
        this.directory = directory;
        this.users = users;
    }

    public void addTo(RouteTable routes) {
        Owner round = Owner.lookedUp(this::userOfRound, Refusals::roundNotFound);
        routes.get("/api/v1/sessions/{id}/chunks", Need.read(Owners.session(directory)), this::ofSession)
                .get("/api/v1/rounds/{id}/chunks", Need.read(round), this::ofRound)
                .get("/api/v1/chunks/stats", Need.read(Owner.IN_REQUEST), this::stats);
    }

    private CompletableFuture<Optional<String>> userOfRound(String roundId) {
        return RoundId.parse(roundId)
                .map(round -> directory.userOf(round.sessionId()))
                .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()));
    }

    private CompletionStage<HttpResponse> ofSession(Call call) {
        return page(
                call,
                page -> directory
                        .userOf(call.id())
                        .thenCompose(userId -> userId.isEmpty()
                                ? Requests.done(Refusals.sessionNotFound(call.id()))
                                : listed(userId.get(), page.of(call.id(), null), RETRIEVED)));
    }

    private CompletionStage<HttpResponse> ofRound(Call call) {
        return page(
                call,
                page -> userOfRound(call.id()).thenCompose(userId -> {
                    Optional<RoundId> round = RoundId.parse(call.id());
                    return userId.isEmpty() || round.isEmpty()
                            ? Requests.done(Refusals.roundNotFound(call.id()))
                            : listed(userId.get(), page.of(round.get().sessionId(), round.get()), RETRIEVED);
                }));
    }

    /** How many there are of a user, or of one of the user's sessions, with the first of them. */
    private CompletionStage<HttpResponse> stats(Call call) {
        Optional<String> asked = call.query()
                .get("user_id")
                .or(() -> Optional.ofNullable(call.caller().userId()));
        if (asked.isEmpty()) {
            return Requests.done(Refusals.invalidParameter("user_id", "the id of a user", ""));
        }
        String userId = asked.get();
        if (!call.caller().reaches(userId)) {
            return Requests.done(Refusals.otherUser());
        }
        Optional<String> sessionId = call.query().get("session_id");
        return page(
                call,
                page -> firstUnknown(userId, sessionId)
                        .thenCompose(unknown -> unknown.isPresent()
                                ? Requests.done(unknown.get())
                                : listed(
                                        userId,
                                        page.of(sessionId.orElse(null), null),
                                        "Chunk statistics retrieved successfully")));
    }

    private CompletableFuture<Optional<HttpResponse>> firstUnknown(String userId, Optional<String> sessionId) {
        CompletableFuture<Boolean> session = sessionId
                .map(id -> directory.userOf(id).thenApply(owner -> owner.equals(Optional.of(userId))))
                .orElseGet(() -> CompletableFuture.completedFuture(true));
        return directory.exists(EntityKind.USER, userId).thenCombine(session, (userExists, sessionExists) -> {
            if (!userExists) {
                return Optional.of(Refusals.notFound(EntityKind.USER, userId));
            }
            return sessionExists ? Optional.empty() : sessionId.map(Refusals::sessionNotFound);
        });
    }

    private static CompletionStage<HttpResponse> page(
            Call call, Function<ChunkQuery.Page, CompletionStage<HttpResponse>> then) {
        ChunkQuery read = ChunkQuery.read(call.query());
        return read instanceof ChunkQuery.Invalid invalid
                ? Requests.done(invalid.answer())
                : then.apply((ChunkQuery.Page) read);
    }

    private CompletionStage<HttpResponse> listed(String userId, ChunkRequest page, String message) {
        return users.ask(
                userId,
                replyTo -> new ListChunks(page, replyTo),
                ChunksListed.class,
                listed -> Answers.ok(message, json -> Chunks.list(json, listed)));
    }
}
