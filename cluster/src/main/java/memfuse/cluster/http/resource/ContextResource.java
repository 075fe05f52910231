package memfuse.cluster.http.resource;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.ToIntFunction;
import memfuse.cluster.http.backend.AsyncDirectory;
import memfuse.cluster.http.backend.UserActors;
import memfuse.cluster.http.context.ContextItem;
import memfuse.cluster.http.context.PromptContext;
import memfuse.cluster.http.input.Fields;
import memfuse.cluster.http.input.Fields.Length;
import memfuse.cluster.http.output.Answers;
import memfuse.cluster.http.output.Json;
import memfuse.cluster.http.output.Refusals;
import memfuse.cluster.http.route.Call;
import memfuse.cluster.http.route.Need;
import memfuse.cluster.http.route.Owner;
import memfuse.cluster.http.route.RouteTable;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.memory.HistoryRequest;
import memfuse.protocol.memory.HistoryRequest.SortBy;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.Role;
import memfuse.protocol.session.SessionProtocol.ReadHistory;
import memfuse.protocol.user.QueryRequest;
import memfuse.protocol.user.QueryRequest.StoreType;
import memfuse.protocol.user.UserProtocol.Hits;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import memfuse.protocol.user.UserProtocol.Query;
import memfuse.protocol.user.UserProtocol.ToSession;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /users/{id}/context}: what a model should be told before it answers, ready for its prompt.
 *
 * <p>Without a query, the memories are those that the newest message of a user in the session finds.
 */
public final class ContextResource {
    private static final Length QUERY = new Length(1, Integer.MAX_VALUE);
    private static final int DEFAULT_MAX_TOKENS = 2000;
    private static final int MAX_TOKENS = 1_000_000;

    /** Memories asked for; the budget decides how many of them are shown. */
    private static final int MEMORIES = 100;

    private final AsyncDirectory directory;
    private final UserActors users;
    private final ToIntFunction<String> tokens;
    private final MessageLimits limits;

    private record Wanted(@Nullable String query, @Nullable String sessionId, int maxTokens) {}

    public ContextResource(
            AsyncDirectory directory, UserActors users, ToIntFunction<String> tokens, MessageLimits limits) {
        this.directory = directory;
        this.users = users;
        this.tokens = tokens;
        this.limits = limits;
    }

    public void addTo(RouteTable routes) {
        routes.post("/api/v1/users/{id}/context", Need.read(Owner.USER_IN_PATH), this::context);
    }

    private CompletionStage<HttpResponse> context(Call call) {
        return Requests.with(
                call,
                this::read,
                wanted -> directory
                        .exists(EntityKind.USER, call.id())
                        .thenCompose(exists -> exists
                                ? history(call.id(), wanted)
                                : Requests.done(Refusals.notFound(EntityKind.USER, call.id()))));
    }

    private Wanted read(Fields body) {
        Wanted wanted = new Wanted(
                body.optionalText("query", QUERY),
                body.optionalText("session_id", Requests.ID),
                body.number("max_tokens", DEFAULT_MAX_TOKENS, Integer.MIN_VALUE, MAX_TOKENS));
        if (wanted.query() != null) {
            Requests.boundQuery(body, wanted.query(), limits);
        } else if (wanted.sessionId() == null) {
            body.refuse("query", "a query or a session_id is needed");
        }
        if (wanted.maxTokens() < 1) {
            body.refuse("max_tokens", "max_tokens should be 1 to " + MAX_TOKENS + ", not " + wanted.maxTokens());
        }
        return wanted;
    }

    private CompletableFuture<HttpResponse> history(String userId, Wanted wanted) {
        String sessionId = wanted.sessionId();
        if (sessionId == null) {
            return memories(userId, wanted, List.of());
        }
        return history(userId, wanted, sessionId, HistoryRequest.MAX_LIMIT);
    }

    /** The newest messages, or fewer of them where those are too much for one answer. */
    private CompletableFuture<HttpResponse> history(String userId, Wanted wanted, String sessionId, int limit) {
        HistoryRequest newest = new HistoryRequest(limit, SortBy.TIMESTAMP, true, false);
        return users.readAndThen(
                userId,
                (maxBytes, replyTo) -> new ToSession(sessionId, new ReadHistory(newest, maxBytes), replyTo),
                MessagesRead.class,
                read -> memories(userId, wanted, wholeRounds(read.messages(), limit)),
                refused -> {},
                (bytes, most) -> limit == 1
                        ? CompletableFuture.completedFuture(Refusals.answerTooLarge("session_id", bytes, most))
                        : history(userId, wanted, sessionId, limit / 2));
    }

    /** As many newest messages as were asked for may have left out some of the oldest round. */
    private static List<Message> wholeRounds(List<Message> newestFirst, int limit) {
        if (newestFirst.size() < limit) {
            return newestFirst;
        }
        Message oldest = newestFirst.get(newestFirst.size() - 1);
        if (oldest.roundSeq() == 0 || oldest.roundSeq() == oldest.seq()) {
            return newestFirst;
        }
        List<Message> whole = newestFirst.stream()
                .filter(message -> message.roundSeq() != oldest.roundSeq())
                .toList();
        return whole.isEmpty() ? newestFirst : whole;
    }

    private CompletableFuture<HttpResponse> memories(String userId, Wanted wanted, List<Message> history) {
        List<ContextItem> recent = history.stream().map(ContextItem::of).toList();
        String query = wanted.query() == null ? lastQuestion(history) : wanted.query();
        if (query == null) {
            return CompletableFuture.completedFuture(answer(wanted, recent, List.of()));
        }
        QueryRequest request = new QueryRequest(query, wanted.sessionId(), null, MEMORIES, StoreType.ALL, true, true);
        return users.ask(
                userId,
                replyTo -> new Query(request, replyTo),
                Hits.class,
                hits -> answer(
                        wanted,
                        recent,
                        hits.hits().stream().map(ContextItem::of).toList()));
    }

    private static @Nullable String lastQuestion(List<Message> newestFirst) {
        return newestFirst.stream()
                .filter(message -> message.role() == Role.USER)
                .map(Message::content)
                .findFirst()
                .orElse(null);
    }

    private HttpResponse answer(Wanted wanted, List<ContextItem> recent, List<ContextItem> found) {
        PromptContext context = PromptContext.within(wanted.maxTokens(), recent, found, tokens);
        return Answers.ok("Context assembled successfully", json -> {
            json.writeStringField("context", context.text());
            json.writeNumberField("tokens", context.tokens());
            json.writeNumberField("max_tokens", wanted.maxTokens());
            items(json, "recent", context.recent());
            items(json, "memories", context.memories());
        });
    }

    private static void items(JsonGenerator json, String field, List<ContextItem> items) throws IOException {
        json.writeArrayFieldStart(field);
        for (ContextItem item : items) {
            json.writeStartObject();
            json.writeStringField("id", item.id());
            json.writeStringField("source", item.source());
            json.writeStringField("content", item.content());
            Json.time(json, "created_at", item.createdAt());
            if (!item.isHistory()) {
                json.writeNumberField("score", item.score());
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
