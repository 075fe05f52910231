package memfuse.cluster.http.resource;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.ToIntFunction;
import memfuse.cluster.http.backend.AsyncDirectory;
import memfuse.cluster.http.backend.UserActors;
import memfuse.cluster.http.input.Fields;
import memfuse.cluster.http.output.Answers;
import memfuse.cluster.http.output.Json;
import memfuse.cluster.http.output.Refusals;
import memfuse.cluster.http.output.StoredObjects;
import memfuse.cluster.http.route.Call;
import memfuse.cluster.http.route.Need;
import memfuse.cluster.http.route.Owner;
import memfuse.cluster.http.route.RouteTable;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.memory.HistoryRequest;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.NewMessage;
import memfuse.protocol.session.SessionProtocol;
import memfuse.protocol.session.SessionProtocol.AppendRound;
import memfuse.protocol.session.SessionProtocol.AwaitLayer;
import memfuse.protocol.session.SessionProtocol.DeleteMessages;
import memfuse.protocol.session.SessionProtocol.IdempotencyKey;
import memfuse.protocol.session.SessionProtocol.Layer;
import memfuse.protocol.session.SessionProtocol.ReadHistory;
import memfuse.protocol.session.SessionProtocol.ReadMessages;
import memfuse.protocol.session.SessionProtocol.ReadWatermarks;
import memfuse.protocol.session.SessionProtocol.UpdateMessages;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.user.UserProtocol.Appended;
import memfuse.protocol.user.UserProtocol.MessagesChanged;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.ToSession;
import memfuse.protocol.user.UserProtocol.WatermarksRead;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/**
 * {@code /sessions/{id}/messages}: all of it goes to the session through the actor of its user.
 *
 * <p>The tokens of a message are counted here, once, when its whole body has passed.
 */
public final class MessageResource {
    private static final String ADDED = "Messages added successfully";

    private final AsyncDirectory directory;
    private final UserActors users;
    private final ToIntFunction<String> tokens;
    private final InstantSource clock;
    private final MessageLimits limits;

    public MessageResource(
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

    private record Replacement(List<String> messageIds, List<MessageBody> messages) {}

    public void addTo(RouteTable routes) {
        String messages = "/api/v1/sessions/{id}/messages";
        Owner session = Owners.session(directory);
        routes.get(messages, Need.read(session), this::history)
                .post(messages, Need.write(session), this::append)
                .put(messages, Need.write(session), this::update)
                .delete(messages, Need.write(session), this::delete)
                .post(messages + "/read", Need.read(session), this::read)
                .get("/api/v1/sessions/{id}/watermarks", Need.read(session), this::watermarks);
    }

    private CompletionStage<HttpResponse> append(Call call) {
        AppendOptions read = AppendOptions.read(call, limits.maxWait());
        if (read instanceof AppendOptions.Invalid invalid) {
            return Requests.done(invalid.answer());
        }
        AppendOptions.Valid options = (AppendOptions.Valid) read;
        return Requests.with(call, body -> MessageBody.list(body, "messages", limits), messages -> {
            AppendRound round = round(messages, options.key());
            return options.waitFor().isEmpty()
                    ? append(call.id(), round)
                    : appendAndWait(call.id(), round, options.waitFor().get(), options.timeout());
        });
    }

    private CompletionStage<HttpResponse> append(String sessionId, AppendRound round) {
        return ofUser(
                sessionId,
                userId -> users.askForReceipt(
                        userId,
                        replyTo -> new ToSession(sessionId, round, replyTo),
                        Appended.class,
                        MessageResource::appended,
                        forgetting(sessionId)));
    }

    /** 201 when the layer has the messages, 202 when the time was over before. */
    private CompletionStage<HttpResponse> appendAndWait(
            String sessionId, AppendRound round, Layer layer, Duration timeout) {
        return ofUser(
                sessionId,
                userId -> users.askAndThen(
                        userId,
                        replyTo -> new ToSession(sessionId, round, replyTo),
                        Appended.class,
                        appended -> await(userId, sessionId, appended, layer, timeout),
                        forgetting(sessionId)));
    }

    /** Whatever becomes of the wait, the messages are journaled: a refusal of it is no refusal of them. */
    private CompletableFuture<HttpResponse> await(
            String userId, String sessionId, Appended appended, Layer layer, Duration timeout) {
        long seq = appended.watermarks().journaled();
        return users.reply(userId, replyTo -> new ToSession(sessionId, new AwaitLayer(layer, seq, timeout), replyTo))
                .handle((reply, failure) -> reply instanceof WatermarksRead read ? read.watermarks() : null)
                .thenApply(now -> waited(appended, layer, seq, now == null ? appended.watermarks() : now));
    }

    private static HttpResponse waited(Appended appended, Layer layer, long seq, Watermarks now) {
        long reached = layer == Layer.M0 ? now.flushed() : now.embedded();
        return reached >= seq
                ? Answers.created(ADDED, json -> appended(json, appended, now))
                : Answers.accepted(ADDED, json -> appended(json, appended, now));
    }

    private AppendRound round(List<MessageBody> bodies, Optional<String> key) {
        Instant now = now();
        List<NewMessage> messages = new ArrayList<>(bodies.size());
        for (MessageBody body : bodies) {
            messages.add(body.withId(Ids.next(now.toEpochMilli()), tokens));
        }
        return new AppendRound(
                messages,
                now,
                key.map(given -> new IdempotencyKey(given, Fingerprint.of(bodies)))
                        .orElse(null));
    }

    private static HttpResponse appended(Appended appended) {
        return Answers.created(ADDED, json -> appended(json, appended, appended.watermarks()));
    }

    private static void appended(JsonGenerator json, Appended appended, Watermarks watermarks) throws IOException {
        Json.texts(json, "message_ids", appended.messageIds());
        json.writeBooleanField("transfer_triggered", appended.transferTriggered());
        json.writeNumberField("total_messages", appended.totalMessages());
        var buffers = appended.bufferStatus();
        json.writeObjectFieldStart("buffer_status");
        json.writeNumberField("round_buffer_rounds", buffers.roundBufferRounds());
        json.writeNumberField("round_buffer_tokens", buffers.roundBufferTokens());
        json.writeNumberField("hybrid_buffer_rounds", buffers.hybridBufferRounds());
        json.writeNumberField("flushing_rounds", buffers.flushingRounds());
        json.writeEndObject();
        StoredObjects.watermarks(json, watermarks);
    }

    private CompletionStage<HttpResponse> watermarks(Call call) {
        return inSession(
                call.id(),
                new ReadWatermarks(),
                WatermarksRead.class,
                read -> Answers.ok(
                        "Watermarks retrieved successfully",
                        json -> StoredObjects.watermarks(json, read.watermarks())));
    }

    private CompletionStage<HttpResponse> history(Call call) {
        HistoryQuery query = HistoryQuery.read(call.query());
        if (query instanceof HistoryQuery.Invalid invalid) {
            return Requests.done(invalid.answer());
        }
        HistoryRequest page = ((HistoryQuery.Page) query).request();
        return readInSession(
                call.id(),
                maxBytes -> new ReadHistory(page, maxBytes),
                "limit",
                read -> shown(
                        "retrieved", read, (json, message) -> StoredObjects.message(json, call.id(), message, true)));
    }

    private CompletionStage<HttpResponse> read(Call call) {
        return Requests.with(
                call,
                this::messageIds,
                ids -> readInSession(
                        call.id(),
                        maxBytes -> new ReadMessages(ids, maxBytes),
                        "message_ids",
                        read -> shown(
                                "read",
                                read,
                                (json, message) -> StoredObjects.message(json, call.id(), message, false))));
    }

    private static HttpResponse shown(String done, MessagesRead read, Answers.ElementWriter<Message> writer) {
        return Answers.okList("Messages " + done + " successfully", "messages", read.messages(), writer);
    }

    private CompletionStage<HttpResponse> update(Call call) {
        return Requests.with(
                call,
                this::replacement,
                replacement -> replacement.messageIds().contains("")
                        ? Requests.done(Refusals.messageNotFound(""))
                        : inSession(
                                call.id(),
                                update(replacement),
                                MessagesChanged.class,
                                changed -> changed("updated", changed)));
    }

    private Replacement replacement(Fields body) {
        List<String> ids = messageIds(body);
        List<MessageBody> messages = MessageBody.list(body, "new_messages", limits);
        if (ids.size() != messages.size()) {
            body.refuse("new_messages", "there should be as many new_messages as message_ids");
        } else if (new HashSet<>(ids).size() < ids.size()) {
            body.refuse("message_ids", "the same id is given twice in this request");
        }
        return new Replacement(ids, messages);
    }

    private UpdateMessages update(Replacement replacement) {
        List<NewMessage> messages = new ArrayList<>();
        for (int i = 0; i < replacement.messages().size(); i++) {
            messages.add(replacement
                    .messages()
                    .get(i)
                    .withId(replacement.messageIds().get(i), tokens));
        }
        return new UpdateMessages(replacement.messageIds(), messages, now());
    }

    private CompletionStage<HttpResponse> delete(Call call) {
        return Requests.with(
                call,
                this::messageIds,
                ids -> inSession(
                        call.id(),
                        new DeleteMessages(ids.stream().distinct().toList()),
                        MessagesChanged.class,
                        changed -> changed("deleted", changed)));
    }

    private List<String> messageIds(Fields body) {
        return body.texts("message_ids", limits.maxMessages());
    }

    private static HttpResponse changed(String done, MessagesChanged changed) {
        return Answers.ok(
                "Messages " + done + " successfully", json -> Json.texts(json, "message_ids", changed.messageIds()));
    }

    private <T extends Reply> CompletionStage<HttpResponse> inSession(
            String sessionId, SessionProtocol.Request request, Class<T> expected, Function<T, HttpResponse> render) {
        return ofUser(
                sessionId,
                userId -> users.ask(
                        userId,
                        replyTo -> new ToSession(sessionId, request, replyTo),
                        expected,
                        render,
                        forgetting(sessionId)));
    }

    /** @param field what makes the answer so large, where it is too large */
    private CompletionStage<HttpResponse> readInSession(
            String sessionId,
            LongFunction<SessionProtocol.Request> request,
            String field,
            Function<MessagesRead, HttpResponse> render) {
        return ofUser(
                sessionId,
                userId -> users.read(
                        userId,
                        (maxBytes, replyTo) -> new ToSession(sessionId, request.apply(maxBytes), replyTo),
                        MessagesRead.class,
                        render,
                        forgetting(sessionId),
                        (bytes, most) ->
                                CompletableFuture.completedFuture(Refusals.answerTooLarge(field, bytes, most))));
    }

    private CompletionStage<HttpResponse> ofUser(
            String sessionId, Function<String, CompletableFuture<HttpResponse>> ask) {
        return directory
                .userOf(sessionId)
                .thenCompose(userId -> userId.isEmpty()
                        ? Requests.done(Refusals.sessionNotFound(sessionId))
                        : ask.apply(userId.get()));
    }

    /** Whose session is refused as unknown is not to be remembered any longer. */
    private Consumer<Refused> forgetting(String sessionId) {
        return refusal -> {
            if (refusal.code() == ErrorCode.NOT_FOUND) {
                directory.forgetSession(sessionId);
            }
        };
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
