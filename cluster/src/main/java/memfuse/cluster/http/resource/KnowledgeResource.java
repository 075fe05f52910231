package memfuse.cluster.http.resource;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import memfuse.cluster.http.backend.AsyncDirectory;
import memfuse.cluster.http.backend.UserActors;
import memfuse.cluster.http.backend.UserActors.BoundedRequest;
import memfuse.cluster.http.input.Fields;
import memfuse.cluster.http.output.Answers;
import memfuse.cluster.http.output.Json;
import memfuse.cluster.http.output.Refusals;
import memfuse.cluster.http.output.StoredObjects;
import memfuse.cluster.http.route.Call;
import memfuse.cluster.http.route.Need;
import memfuse.cluster.http.route.Owner;
import memfuse.cluster.http.route.RouteTable;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.knowledge.NewKnowledge;
import memfuse.protocol.user.UserProtocol.AddKnowledge;
import memfuse.protocol.user.UserProtocol.DeleteKnowledge;
import memfuse.protocol.user.UserProtocol.KnowledgeChanged;
import memfuse.protocol.user.UserProtocol.KnowledgeRead;
import memfuse.protocol.user.UserProtocol.KnowledgeRequest;
import memfuse.protocol.user.UserProtocol.ListKnowledge;
import memfuse.protocol.user.UserProtocol.ReadKnowledge;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.UpdateKnowledge;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/**
 * {@code /users/{id}/knowledge}: items of text that are the user's own, kept and searched by the user's actor.
 *
 * <p>An item is bounded as a message is, and so is their number in a body. Its tokens are counted here, once. Ids that
 * the user does not have are passed over.
 */
public final class KnowledgeResource {
    private final AsyncDirectory directory;
    private final UserActors users;
    private final ToIntFunction<String> tokens;
    private final InstantSource clock;
    private final MessageLimits limits;

    public KnowledgeResource(
            AsyncDirectory directory,
            UserActors users,
            ToIntFunction<String> tokens,
            InstantSource clock,
            MessageLimits limits) {
        this.directory = directory;
        this.users = users;
        this.tokens = tokens;
        this.clock = clock;
        this.limits = limits;
    }

    private record Replacement(List<String> ids, List<String> contents) {}

    public void addTo(RouteTable routes) {
        String knowledge = "/api/v1/users/{id}/knowledge";
        routes.get(knowledge, Need.read(Owner.USER_IN_PATH), this::list)
                .post(knowledge, Need.write(Owner.USER_IN_PATH), this::add)
                .put(knowledge, Need.write(Owner.USER_IN_PATH), this::update)
                .delete(knowledge, Need.write(Owner.USER_IN_PATH), this::delete)
                .post(knowledge + "/read", Need.read(Owner.USER_IN_PATH), this::read);
    }

    private CompletionStage<HttpResponse> list(Call call) {
        return read(call, ListKnowledge::new, "knowledge");
    }

    private CompletionStage<HttpResponse> read(Call call) {
        return Requests.with(
                call,
                this::ids,
                ids -> read(call, (maxBytes, replyTo) -> new ReadKnowledge(ids, maxBytes, replyTo), "knowledge_ids"));
    }

    /** @param field what makes the answer so large, where it is too large */
    private CompletionStage<HttpResponse> read(Call call, BoundedRequest request, String field) {
        return ofUser(
                call,
                () -> users.read(
                        call.id(),
                        request,
                        KnowledgeRead.class,
                        read -> shown(call.id(), read),
                        refused -> {},
                        (bytes, most) ->
                                CompletableFuture.completedFuture(Refusals.answerTooLarge(field, bytes, most))));
    }

    private static HttpResponse shown(String userId, KnowledgeRead read) {
        return Answers.okList(
                done("retrieved"),
                "knowledge",
                read.items(),
                (json, item) -> StoredObjects.knowledge(json, userId, item));
    }

    private CompletionStage<HttpResponse> add(Call call) {
        return Requests.with(call, body -> contents(body, "knowledge"), contents -> {
            Instant now = now();
            List<NewKnowledge> items = new ArrayList<>(contents.size());
            contents.forEach(content -> items.add(item(Ids.next(now.toEpochMilli()), content)));
            return ask(
                    call,
                    replyTo -> new AddKnowledge(items, now, replyTo),
                    KnowledgeChanged.class,
                    added -> Answers.created(done("added"), json -> Json.texts(json, "knowledge_ids", added.ids())));
        });
    }

    /** Where one list is longer than the other, its end is passed over. */
    private CompletionStage<HttpResponse> update(Call call) {
        return Requests.with(call, body -> new Replacement(ids(body), contents(body, "new_knowledge")), replacement -> {
            int pairs =
                    Math.min(replacement.ids().size(), replacement.contents().size());
            List<NewKnowledge> items = new ArrayList<>(pairs);
            for (int i = 0; i < pairs; i++) {
                items.add(item(replacement.ids().get(i), replacement.contents().get(i)));
            }
            return change(call, "updated", replyTo -> new UpdateKnowledge(items, now(), replyTo));
        });
    }

    private CompletionStage<HttpResponse> delete(Call call) {
        return Requests.with(
                call, this::ids, ids -> change(call, "deleted", replyTo -> new DeleteKnowledge(ids, replyTo)));
    }

    private CompletionStage<HttpResponse> change(
            Call call, String what, Function<ActorRef<Reply>, KnowledgeRequest> request) {
        return ask(
                call,
                request,
                KnowledgeChanged.class,
                changed -> Answers.ok(done(what), json -> Json.texts(json, "knowledge_ids", changed.ids())));
    }

    private <T extends Reply> CompletionStage<HttpResponse> ask(
            Call call,
            Function<ActorRef<Reply>, KnowledgeRequest> request,
            Class<T> expected,
            Function<T, HttpResponse> render) {
        return ofUser(call, () -> users.ask(call.id(), request::apply, expected, render));
    }

    private CompletionStage<HttpResponse> ofUser(Call call, Supplier<CompletionStage<HttpResponse>> ask) {
        return directory
                .exists(EntityKind.USER, call.id())
                .thenCompose(
                        exists -> exists ? ask.get() : Requests.done(Refusals.notFound(EntityKind.USER, call.id())));
    }

    private List<String> ids(Fields body) {
        return body.texts("knowledge_ids", limits.maxMessages());
    }

    private List<String> contents(Fields body, String field) {
        return body.filledTexts(field, limits.maxMessages(), limits.maxMessageBytes());
    }

    private NewKnowledge item(String id, String content) {
        return new NewKnowledge(id, content, tokens.applyAsInt(content));
    }

    private static String done(String what) {
        return "Knowledge items " + what + " successfully";
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
