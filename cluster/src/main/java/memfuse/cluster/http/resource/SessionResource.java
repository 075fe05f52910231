package memfuse.cluster.http.resource;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import memfuse.cluster.http.backend.AsyncDirectory;
import memfuse.cluster.http.backend.UserActors;
import memfuse.cluster.http.output.Answers;
import memfuse.cluster.http.output.Json;
import memfuse.cluster.http.output.Refusals;
import memfuse.cluster.http.output.StoredObjects;
import memfuse.cluster.http.route.Call;
import memfuse.cluster.http.route.Need;
import memfuse.cluster.http.route.Owner;
import memfuse.cluster.http.route.QueryParameters;
import memfuse.cluster.http.route.RouteTable;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.Session;
import memfuse.protocol.store.Bounded;
import memfuse.protocol.user.UserProtocol.CreateSession;
import memfuse.protocol.user.UserProtocol.EraseSession;
import memfuse.protocol.user.UserProtocol.Erased;
import memfuse.protocol.user.UserProtocol.RenameSession;
import memfuse.protocol.user.UserProtocol.SessionStored;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.jspecify.annotations.Nullable;

/** {@code /sessions}: read from the directory, changed by the actor of their user. */
public final class SessionResource {
    private static final int HEX_DIGITS_IN_NAME = 8;
    private static final int MAX_NAME_PART = 120;

    private final AsyncDirectory directory;
    private final UserActors users;
    private final long maxAnswerBytes;
    private final InstantSource clock;

    public SessionResource(AsyncDirectory directory, UserActors users, long maxAnswerBytes, InstantSource clock) {
        this.directory = directory;
        this.users = users;
        this.maxAnswerBytes = maxAnswerBytes;
        this.clock = clock;
    }

    private record NewSession(
            String userId, String agentId, @Nullable String name) {}

    private record Parties(Optional<Entity> user, Optional<Entity> agent) {}

    public void addTo(RouteTable routes) {
        Owner session = Owners.session(directory);
        routes.get("/api/v1/sessions", Need.read(Owner.IN_REQUEST), this::list)
                .post("/api/v1/sessions", Need.write(Owner.IN_REQUEST), this::create)
                .get("/api/v1/sessions/{id}", Need.read(session), this::read)
                .put("/api/v1/sessions/{id}", Need.write(session), this::update)
                .delete("/api/v1/sessions/{id}", Need.write(session), this::delete);
    }

    private CompletionStage<HttpResponse> list(Call call) {
        QueryParameters query = call.query();
        Optional<String> name = query.get("name");
        Optional<String> userId =
                query.get("user_id").or(() -> Optional.ofNullable(call.caller().userId()));
        if (userId.isPresent() && !call.caller().reaches(userId.get())) {
            return Requests.done(Refusals.otherUser());
        }
        return directory
                .sessions(userId, query.get("agent_id"), name, maxAnswerBytes)
                .thenApply(found -> listed(found, name));
    }

    private HttpResponse listed(Bounded<Session> found, Optional<String> name) {
        if (found.bytes() > maxAnswerBytes) {
            return Refusals.answerTooLarge("user_id", found.bytes(), maxAnswerBytes);
        }
        return found.elements().isEmpty() && name.isPresent()
                ? Refusals.sessionNameNotFound(name.get())
                : Answers.okList(
                        "Sessions retrieved successfully", "sessions", found.elements(), StoredObjects::session);
    }

    private CompletionStage<HttpResponse> create(Call call) {
        return Requests.with(
                call,
                body -> new NewSession(
                        body.text("user_id", Requests.ID),
                        body.text("agent_id", Requests.ID),
                        body.optionalText("name", Requests.NAME)),
                asked -> call.caller().reaches(asked.userId()) ? create(asked) : Requests.done(Refusals.otherUser()));
    }

    private CompletionStage<HttpResponse> create(NewSession asked) {
        return directory
                .ask(all -> new Parties(
                        all.find(EntityKind.USER, asked.userId()), all.find(EntityKind.AGENT, asked.agentId())))
                .thenCompose(parties -> {
                    if (parties.user().isEmpty()) {
                        return Requests.done(Refusals.notFound(EntityKind.USER, asked.userId()));
                    }
                    if (parties.agent().isEmpty()) {
                        return Requests.done(Refusals.notFound(EntityKind.AGENT, asked.agentId()));
                    }
                    return store(asked, parties.user().get(), parties.agent().get());
                });
    }

    private CompletionStage<HttpResponse> store(NewSession asked, Entity user, Entity agent) {
        Instant now = now();
        String name = asked.name() != null ? asked.name() : automaticName(user, agent);
        Session session = new Session(Ids.next(now.toEpochMilli()), user.id(), agent.id(), name, now, now);
        return users.ask(user.id(), replyTo -> new CreateSession(session, replyTo), SessionStored.class, stored -> {
            directory.remember(stored.session());
            return Answers.created("Session created successfully", "session", shown(stored.session()));
        });
    }

    private static String automaticName(Entity user, Entity agent) {
        String hex = UUID.randomUUID().toString().substring(0, HEX_DIGITS_IN_NAME);
        return start(user.name()) + "-" + start(agent.name()) + "-" + hex;
    }

    /** Two starts and the digits are together no longer than a name may be. */
    private static String start(String name) {
        return name.codePointCount(0, name.length()) <= MAX_NAME_PART
                ? name
                : name.substring(0, name.offsetByCodePoints(0, MAX_NAME_PART));
    }

    private CompletionStage<HttpResponse> read(Call call) {
        return read(call.id(), "Session retrieved successfully");
    }

    private CompletionStage<HttpResponse> read(String id, String message) {
        return directory
                .session(id)
                .thenApply(found -> found.map(session -> Answers.ok(message, "session", shown(session)))
                        .orElseGet(() -> Refusals.sessionNotFound(id)));
    }

    private CompletionStage<HttpResponse> update(Call call) {
        String id = call.id();
        return Requests.with(call, body -> Optional.ofNullable(body.optionalText("name", Requests.NAME)), name -> {
            String updated = "Session updated successfully";
            return name.isEmpty()
                    ? read(id, updated)
                    : ofUser(
                            id,
                            userId -> users.ask(
                                    userId,
                                    replyTo -> new RenameSession(id, name.get(), now(), replyTo),
                                    SessionStored.class,
                                    stored -> Answers.ok(updated, "session", shown(stored.session()))));
        });
    }

    private CompletionStage<HttpResponse> delete(Call call) {
        String id = call.id();
        return ofUser(
                id,
                userId -> users.ask(userId, replyTo -> new EraseSession(id, replyTo), Erased.class, erased -> {
                    directory.forgetSession(id);
                    return Answers.ok("Session deleted successfully", json -> json.writeStringField("session_id", id))
                            .addHeader(ErasureResource.location(id));
                }));
    }

    /** Goes on with the session's user as the directory knows it now. */
    private CompletionStage<HttpResponse> ofUser(
            String sessionId, Function<String, CompletionStage<HttpResponse>> then) {
        directory.forgetSession(sessionId);
        return directory
                .userOf(sessionId)
                .thenCompose(userId -> userId.isPresent()
                        ? then.apply(userId.get())
                        : Requests.done(Refusals.sessionNotFound(sessionId)));
    }

    private static Json.Writer shown(Session session) {
        return json -> StoredObjects.session(json, session);
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
