package memfuse.cluster.http.resource;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import memfuse.cluster.http.backend.AsyncDirectory;
import memfuse.cluster.http.backend.UserActors;
import memfuse.cluster.http.input.Fields;
import memfuse.cluster.http.input.Fields.Length;
import memfuse.cluster.http.output.Answers;
import memfuse.cluster.http.output.Refusals;
import memfuse.cluster.http.output.Results;
import memfuse.cluster.http.route.Call;
import memfuse.cluster.http.route.Need;
import memfuse.cluster.http.route.Owner;
import memfuse.cluster.http.route.RouteTable;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.user.QueryRequest;
import memfuse.protocol.user.QueryRequest.StoreType;
import memfuse.protocol.user.UserProtocol.Hits;
import memfuse.protocol.user.UserProtocol.Query;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.jspecify.annotations.Nullable;

/** {@code POST /users/{id}/query}: a search in one user's memory, by that user's actor. */
public final class QueryResource {
    private static final Length QUERY = new Length(1, Integer.MAX_VALUE);
    private static final int DEFAULT_TOP_K = 5;

    /** Nobody gets more hits than this, whatever is set. */
    private static final int MAX_TOP_K = 1000;

    private static final Map<String, StoreType> STORE_TYPES = storeTypes();

    private final AsyncDirectory directory;
    private final UserActors users;
    private final MessageLimits limits;

    public QueryResource(AsyncDirectory directory, UserActors users, MessageLimits limits) {
        this.directory = directory;
        this.users = users;
        this.limits = limits;
    }

    public void addTo(RouteTable routes) {
        routes.post("/api/v1/users/{id}/query", Need.read(Owner.USER_IN_PATH), this::query);
    }

    private CompletionStage<HttpResponse> query(Call call) {
        return Requests.with(
                call,
                this::read,
                query -> firstUnknown(call.id(), query)
                        .thenCompose(unknown -> unknown.isPresent()
                                ? Requests.done(unknown.get())
                                : users.ask(
                                        call.id(),
                                        replyTo -> new Query(query, replyTo),
                                        Hits.class,
                                        hits -> found(hits, call.id(), query.sessionId()))));
    }

    private QueryRequest read(Fields body) {
        QueryRequest read = new QueryRequest(
                body.text("query", QUERY),
                body.optionalText("session_id", Requests.ID),
                body.optionalText("agent_id", Requests.ID),
                body.number("top_k", DEFAULT_TOP_K, 0, MAX_TOP_K),
                body.optionalWord("store_type", STORE_TYPES).orElse(StoreType.ALL),
                body.flag("include_messages", true),
                body.flag("include_knowledge", true));
        Requests.boundQuery(body, read.query(), limits);
        return read;
    }

    /** The answer for the first of user, session and agent that does not exist; the session must be the user's. */
    private CompletableFuture<Optional<HttpResponse>> firstUnknown(String userId, QueryRequest query) {
        String sessionId = query.sessionId();
        String agentId = query.agentId();
        CompletableFuture<Boolean> user = directory.exists(EntityKind.USER, userId);
        CompletableFuture<Boolean> session = sessionId == null
                ? CompletableFuture.completedFuture(true)
                : directory.userOf(sessionId).thenApply(owner -> owner.equals(Optional.of(userId)));
        CompletableFuture<Boolean> agent =
                agentId == null ? CompletableFuture.completedFuture(true) : directory.exists(EntityKind.AGENT, agentId);
        return user.thenCombine(session, (userExists, sessionExists) -> {
                    if (!userExists) {
                        return Optional.of(Refusals.notFound(EntityKind.USER, userId));
                    }
                    return sessionExists || sessionId == null
                            ? Optional.<HttpResponse>empty()
                            : Optional.of(Refusals.sessionNotFound(sessionId));
                })
                .thenCombine(
                        agent,
                        (unknown, agentExists) -> unknown.isPresent() || agentExists || agentId == null
                                ? unknown
                                : Optional.of(Refusals.notFound(EntityKind.AGENT, agentId)));
    }

    private static HttpResponse found(Hits found, String userId, @Nullable String askedSessionId) {
        int total = found.hits().size();
        return Answers.ok("Found " + total + " results", json -> {
            json.writeArrayFieldStart("results");
            for (var hit : found.hits()) {
                Results.result(json, hit, userId, askedSessionId);
            }
            json.writeEndArray();
            json.writeNumberField("total", total);
        });
    }

    private static Map<String, StoreType> storeTypes() {
        Map<String, StoreType> types = new LinkedHashMap<>();
        types.put("vector", StoreType.VECTOR);
        types.put("keyword", StoreType.KEYWORD);
        types.put("graph", StoreType.GRAPH);
        return types;
    }
}
