package memfuse.cluster.http.resource;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import memfuse.cluster.http.backend.AsyncDirectory;
import memfuse.cluster.http.backend.UserActors;
import memfuse.cluster.http.input.Fields;
import memfuse.cluster.http.input.Fields.Length;
import memfuse.cluster.http.output.Answers;
import memfuse.cluster.http.output.Refusals;
import memfuse.cluster.http.output.StoredObjects;
import memfuse.cluster.http.route.Call;
import memfuse.cluster.http.route.Need;
import memfuse.cluster.http.route.Owner;
import memfuse.cluster.http.route.RouteTable;
import memfuse.protocol.directory.Directory.Updated;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.store.Bounded;
import memfuse.protocol.user.UserProtocol.EraseUser;
import memfuse.protocol.user.UserProtocol.Erased;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * {@code /users} and {@code /agents}.
 *
 * <p>They differ in their deletion, and in whose they are. A user is its own: a caller bound to one sees that one alone,
 * and none but an admin makes users. Agents are shared: every caller may see and make them, as clients do on their first
 * use, and none but an admin changes or deletes what others use too.
 */
public final class EntityResource {
    private static final Length DESCRIPTION = new Length(0, 10_000);

    private final EntityKind kind;
    private final AsyncDirectory directory;
    private final UserActors users;
    private final long maxAnswerBytes;
    private final InstantSource clock;
    private final String listKey;

    public EntityResource(
            EntityKind kind, AsyncDirectory directory, UserActors users, long maxAnswerBytes, InstantSource clock) {
        this.kind = kind;
        this.directory = directory;
        this.users = users;
        this.maxAnswerBytes = maxAnswerBytes;
        this.clock = clock;
        this.listKey = kind.wireName() + "s";
    }

    private record Changes(@Nullable String name, @Nullable String description) {}

    private record NewEntity(String name, @Nullable String description) {}

    public void addTo(RouteTable routes) {
        String all = "/api/v1/" + listKey;
        String one = all + "/{id}";
        if (kind == EntityKind.USER) {
            routes.get(all, Need.read(Owner.IN_REQUEST), this::list)
                    .post(all, Need.ADMIN, this::create)
                    .get(one, Need.read(Owner.USER_IN_PATH), this::read)
                    .put(one, Need.write(Owner.USER_IN_PATH), this::update)
                    .delete(one, Need.write(Owner.USER_IN_PATH), this::deleteUser);
        } else {
            routes.get(all, Need.read(Owner.SHARED), this::list)
                    .post(all, Need.write(Owner.SHARED), this::create)
                    .get(one, Need.read(Owner.SHARED), this::read)
                    .put(one, Need.ADMIN, this::update)
                    .delete(one, Need.ADMIN, this::deleteAgent);
        }
    }

    private CompletionStage<HttpResponse> list(Call call) {
        Optional<String> name = call.query().get("name");
        Optional<String> onlyUser =
                kind == EntityKind.USER ? Optional.ofNullable(call.caller().userId()) : Optional.empty();
        if (name.isEmpty()) {
            return onlyUser.isEmpty()
                    ? directory.list(kind, maxAnswerBytes).thenApply(this::listed)
                    : directory
                            .find(kind, onlyUser.get())
                            .thenApply(found -> listed(found.stream().toList()));
        }
        return directory
                .findByName(kind, name.get())
                .thenApply(found -> found.filter(
                                entity -> onlyUser.isEmpty() || onlyUser.get().equals(entity.id()))
                        .map(entity -> listed(List.of(entity)))
                        .orElseGet(() -> Refusals.nameNotFound(kind, name.get())));
    }

    private HttpResponse listed(Bounded<Entity> all) {
        return all.bytes() > maxAnswerBytes
                ? Refusals.answerTooLarge("name", all.bytes(), maxAnswerBytes)
                : listed(all.elements());
    }

    private HttpResponse listed(List<Entity> entities) {
        return Answers.okList(done("s retrieved"), listKey, entities, StoredObjects::entity);
    }

    private CompletionStage<HttpResponse> create(Call call) {
        return Requests.with(
                call,
                body -> new NewEntity(body.text("name", Requests.NAME), body.optionalText("description", DESCRIPTION)),
                this::create);
    }

    private CompletionStage<HttpResponse> create(NewEntity asked) {
        Instant now = now();
        Entity entity = new Entity(Ids.next(now.toEpochMilli()), asked.name(), asked.description(), now, now);
        return directory
                .ask(all -> all.create(kind, entity))
                .thenApply(created -> created
                        ? Answers.created(done(" created"), kind.wireName(), json -> StoredObjects.entity(json, entity))
                        : Refusals.nameTaken(kind, asked.name()));
    }

    private CompletionStage<HttpResponse> read(Call call) {
        return directory
                .find(kind, call.id())
                .thenApply(found -> found.map(entity -> shown(" retrieved", entity))
                        .orElseGet(() -> Refusals.notFound(kind, call.id())));
    }

    private CompletionStage<HttpResponse> update(Call call) {
        return Requests.with(call, EntityResource::changes, changes -> update(call.id(), changes));
    }

    private static Changes changes(Fields body) {
        return new Changes(body.optionalText("name", Requests.NAME), body.optionalText("description", DESCRIPTION));
    }

    private CompletionStage<HttpResponse> update(String id, Changes changes) {
        Instant now = now();
        return directory
                .ask(all -> all.update(kind, id, changes.name(), changes.description(), now))
                .thenApply(updated -> updated(id, changes, updated));
    }

    private HttpResponse updated(String id, Changes changes, Updated<Entity> updated) {
        Entity entity = updated.value();
        if (entity != null) {
            return shown(" updated", entity);
        }
        return updated.outcome() == Updated.Outcome.NAME_TAKEN && changes.name() != null
                ? Refusals.nameTaken(kind, changes.name())
                : Refusals.notFound(kind, id);
    }

    private CompletionStage<HttpResponse> deleteUser(Call call) {
        String id = call.id();
        return directory.find(kind, id).thenCompose(found -> {
            directory.forget(kind, id);
            return found.isEmpty()
                    ? Requests.done(Refusals.notFound(kind, id))
                    : users.ask(id, EraseUser::new, Erased.class, erased -> {
                        directory.forget(kind, id);
                        return Answers.noContent().addHeader(ErasureResource.location(id));
                    });
        });
    }

    private CompletionStage<HttpResponse> deleteAgent(Call call) {
        String id = call.id();
        return directory.ask(all -> all.deleteAgent(id)).thenApply(deleted -> {
            directory.forget(kind, id);
            return deleted
                    ? Answers.ok(done(" deleted"), json -> json.writeStringField("agent_id", id))
                    : Refusals.notFound(kind, id);
        });
    }

    private HttpResponse shown(String what, Entity entity) {
        return Answers.ok(done(what), kind.wireName(), json -> StoredObjects.entity(json, entity));
    }

    private String done(String what) {
        return kind.displayName() + what + " successfully";
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
