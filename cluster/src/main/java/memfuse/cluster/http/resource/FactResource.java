package memfuse.cluster.http.resource;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import memfuse.cluster.http.backend.AsyncDirectory;
import memfuse.cluster.http.backend.UserActors;
import memfuse.cluster.http.input.IsoTime;
import memfuse.cluster.http.output.Answers;
import memfuse.cluster.http.output.Refusals;
import memfuse.cluster.http.output.StoredObjects;
import memfuse.cluster.http.route.Call;
import memfuse.cluster.http.route.Need;
import memfuse.cluster.http.route.Owner;
import memfuse.cluster.http.route.QueryParameters;
import memfuse.cluster.http.route.RouteTable;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.facts.Fact;
import memfuse.protocol.facts.FactQuery;
import memfuse.protocol.facts.FactStore;
import memfuse.protocol.user.UserProtocol.ReadUnflushedChanges;
import memfuse.protocol.user.UserProtocol.UnflushedChanges;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** {@code GET /users/{id}/facts}: what a user's messages say, as facts. */
public final class FactResource {
    private static final int DEFAULT_LIMIT = 50;
    private static final int MAX_LIMIT = 500;

    private final FactStore facts;
    private final AsyncDirectory directory;
    private final UserActors users;
    private final Executor blocking;

    /** @param blocking runs the store's calls */
    public FactResource(FactStore facts, AsyncDirectory directory, UserActors users, Executor blocking) {
        this.facts = facts;
        this.directory = directory;
        this.users = users;
        this.blocking = blocking;
    }

    public void addTo(RouteTable routes) {
        routes.get("/api/v1/users/{id}/facts", Need.read(Owner.USER_IN_PATH), this::list);
    }

    private CompletionStage<HttpResponse> list(Call call) {
        QueryParameters query = call.query();
        String limit = query.get("limit").orElse(Integer.toString(DEFAULT_LIMIT));
        if (!limit.matches("[0-9]{1,4}") || Integer.parseInt(limit) < 1 || Integer.parseInt(limit) > MAX_LIMIT) {
            return invalid("limit", "an integer from 1 to " + MAX_LIMIT, limit);
        }
        Optional<String> at = query.get("at");
        Optional<Instant> time = at.flatMap(IsoTime::parse);
        if (at.isPresent() && time.isEmpty()) {
            return invalid("at", "an ISO-8601 time of the years 1 to 9999", at.get());
        }
        String superseded = query.get("superseded").orElse("false").toLowerCase(Locale.ROOT);
        if (!superseded.equals("true") && !superseded.equals("false")) {
            return invalid("superseded", "true or false", superseded);
        }
        FactQuery wanted = new FactQuery(time.orElse(null), superseded.equals("true"), Integer.parseInt(limit));
        return directory
                .find(EntityKind.USER, call.id())
                .thenCompose(user -> user.isPresent()
                        ? read(call.id(), wanted)
                        : Requests.done(Refusals.notFound(EntityKind.USER, call.id())));
    }

    private static CompletionStage<HttpResponse> invalid(String name, String rule, String value) {
        return Requests.done(Refusals.invalidParameter(name, rule, value));
    }

    /** The changes are asked for first: those that are stored meanwhile have removed their facts. */
    private CompletionStage<HttpResponse> read(String userId, FactQuery wanted) {
        return users.askAndThen(
                userId,
                ReadUnflushedChanges::new,
                UnflushedChanges.class,
                changes -> CompletableFuture.supplyAsync(() -> facts.facts(userId, wanted), blocking)
                        .thenApply(found -> Answers.okList(
                                "Facts retrieved successfully",
                                "facts",
                                found.stream()
                                        .filter(fact -> stands(fact, changes))
                                        .toList(),
                                StoredObjects::fact)));
    }

    /** Whether the messages that say so still do; the next flush removes the other facts. */
    private static boolean stands(Fact fact, UnflushedChanges changes) {
        List<Long> changed = changes.seqs().getOrDefault(fact.sessionId(), List.of());
        return changed.isEmpty() || fact.evidence().stream().noneMatch(each -> changed.contains(each.seq()));
    }
}
