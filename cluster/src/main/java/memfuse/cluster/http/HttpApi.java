package memfuse.cluster.http;

import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import memfuse.cluster.http.access.Gate;
import memfuse.cluster.http.access.KeyRing;
import memfuse.cluster.http.access.Verdict;
import memfuse.cluster.http.access.Verdict.Pass;
import memfuse.cluster.http.access.Verdict.Stop;
import memfuse.cluster.http.access.Verdict.Wait;
import memfuse.cluster.http.backend.AnswerBytes;
import memfuse.cluster.http.backend.AsyncDirectory;
import memfuse.cluster.http.backend.LargeAnswers;
import memfuse.cluster.http.backend.Stages;
import memfuse.cluster.http.backend.UserActors;
import memfuse.cluster.http.backend.UserGateway;
import memfuse.cluster.http.output.Answers;
import memfuse.cluster.http.output.Refusals;
import memfuse.cluster.http.resource.BufferResource;
import memfuse.cluster.http.resource.ChunkResource;
import memfuse.cluster.http.resource.ContextResource;
import memfuse.cluster.http.resource.DocsResource;
import memfuse.cluster.http.resource.EntityResource;
import memfuse.cluster.http.resource.ErasureResource;
import memfuse.cluster.http.resource.EventResource;
import memfuse.cluster.http.resource.FactResource;
import memfuse.cluster.http.resource.HealthChecks;
import memfuse.cluster.http.resource.HealthResource;
import memfuse.cluster.http.resource.KeyResource;
import memfuse.cluster.http.resource.KnowledgeResource;
import memfuse.cluster.http.resource.MessageLimits;
import memfuse.cluster.http.resource.MessageResource;
import memfuse.cluster.http.resource.NodeResource;
import memfuse.cluster.http.resource.QueryResource;
import memfuse.cluster.http.resource.ServerStatus;
import memfuse.cluster.http.resource.SessionResource;
import memfuse.cluster.http.route.Call;
import memfuse.cluster.http.route.Caller;
import memfuse.cluster.http.route.RouteTable;
import memfuse.cluster.http.route.RouteTable.Admission;
import memfuse.cluster.http.route.RouteTable.Found;
import memfuse.cluster.http.route.RouteTable.Listed;
import memfuse.cluster.http.route.RouteTable.OtherMethods;
import memfuse.cluster.http.transfer.ExportResource;
import memfuse.cluster.http.transfer.ImportResource;
import memfuse.cluster.http.transfer.TransferParts;
import memfuse.cluster.metrics.Metrics;
import memfuse.cluster.metrics.NodeState;
import memfuse.protocol.directory.Directory;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.facts.FactStore;
import org.apache.pekko.Done;
import org.apache.pekko.actor.ClassicActorSystemProvider;
import org.apache.pekko.http.javadsl.model.HttpEntity;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.RequestEntity;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The API as one function from a request to its answer, called on any thread, which it never blocks.
 *
 * <p>A request passes the route table, the gate, the admission, the reading of its body and its handler. It keeps its place
 * among the requests in work until its handler is done, even if it was answered before because it took too long.
 */
public final class HttpApi {
    /** What is read and dropped of a refused body; beyond it the connection is cut. */
    private static final long MAX_DRAINED_BYTES = 256L << 20;

    private static final String NO_ROUTE = "none";

    private final ClassicActorSystemProvider system;
    private final HttpSettings settings;
    private final Executor continuations;
    private final RequestBounds bounds;
    private final Gate gate;
    private final Metrics metrics;
    private final LargeAnswers answers;
    private final RouteTable routes = new RouteTable();

    /** Of each route that waits its turn. */
    private final Map<Listed, QueueLimit> limits = new HashMap<>();

    private final AsyncDirectory directory;
    private final EventResource events;
    private volatile boolean stopping;

    /**
     * What the API is made of.
     *
     * @param metrics are told of every request
     * @param tokens counts the tokens of a text
     * @param blocking runs the directory's calls
     * @param continuations goes on where an actor or a body was waited for; never the common pool
     * @param transfer what exports and imports are made of
     * @param gate decides who comes in, by the keys of {@code keys}
     */
    public record Parts(
            UserGateway gateway,
            Directory directory,
            ServerStatus status,
            NodeState node,
            Metrics metrics,
            ToIntFunction<String> tokens,
            InstantSource clock,
            Executor blocking,
            Executor continuations,
            KeyRing keys,
            FactStore facts,
            Gate gate,
            TransferParts transfer) {}

    public HttpApi(ClassicActorSystemProvider system, HttpSettings settings, Parts parts) {
        this.system = system;
        this.settings = settings;
        this.continuations = parts.continuations();
        this.bounds = new RequestBounds(settings.maxInFlight(), settings.maxInFlightBytes());
        this.gate = parts.gate();
        this.metrics = parts.metrics();
        metrics.bindRequestsInWork(bounds, RequestBounds::requests, RequestBounds::bytes);
        AnswerBytes answerBytes = new AnswerBytes(settings.maxAnswerBytes(), settings.maxInFlightAnswerBytes());
        this.answers = new LargeAnswers(system, answerBytes, parts.continuations());
        UserActors users = new UserActors(parts.gateway(), parts.continuations(), answerBytes);
        directory = new AsyncDirectory(parts.directory(), parts.blocking());
        MessageLimits messages =
                new MessageLimits(settings.maxMessageBytes(), settings.maxMessagesPerRequest(), settings.maxWait());
        ServerStatus status = untilStopping(parts.status());
        new HealthResource(status).addTo(routes);
        new HealthChecks(status, parts.node(), metrics).addTo(routes);
        new NodeResource(parts.node(), metrics).addTo(routes);
        new EntityResource(EntityKind.USER, directory, users, settings.maxAnswerBytes(), parts.clock()).addTo(routes);
        new EntityResource(EntityKind.AGENT, directory, users, settings.maxAnswerBytes(), parts.clock()).addTo(routes);
        new SessionResource(directory, users, settings.maxAnswerBytes(), parts.clock()).addTo(routes);
        new MessageResource(directory, users, parts.tokens(), parts.clock(), messages).addTo(routes);
        new QueryResource(directory, users, messages).addTo(routes);
        new KnowledgeResource(directory, users, parts.tokens(), parts.clock(), messages).addTo(routes);
        new ChunkResource(directory, users).addTo(routes);
        new ContextResource(directory, users, parts.tokens(), messages).addTo(routes);
        new FactResource(parts.facts(), directory, users, parts.blocking()).addTo(routes);
        new ErasureResource(directory).addTo(routes);
        events = new EventResource(
                directory, users, settings.maxWait(), Math.max(1, settings.maxConnections() / 2), parts.clock());
        events.addTo(routes);
        new BufferResource(users).addTo(routes);
        new KeyResource(parts.keys(), directory, parts.clock()).addTo(routes);
        new ExportResource(directory, users, parts.transfer(), parts.clock(), parts.blocking()).addTo(routes);
        new ImportResource(system, directory, users, parts.transfer(), parts.tokens(), parts.clock(), parts.blocking())
                .addTo(routes);
        new DocsResource(routes, described(parts, settings), parts.blocking()).addTo(routes);
        long now = System.nanoTime();
        routes.all().stream()
                .filter(listed -> listed.route().admission() == Admission.BOUNDED)
                .forEach(listed -> limits.put(listed, new QueueLimit(settings.maxQueueTime(), now)));
    }

    /** What the description of the API says of this server, by the names in its parts. */
    private static Map<String, Object> described(Parts parts, HttpSettings settings) {
        return Map.of(
                "version", parts.status().version(),
                "max-import-bytes", parts.transfer().settings().maxImportBytes(),
                "max-body-bytes", settings.maxBodyBytes(),
                "max-message-bytes", settings.maxMessageBytes(),
                "max-messages-per-request", settings.maxMessagesPerRequest(),
                "max-answer-bytes", settings.maxAnswerBytes(),
                "max-wait-ms", settings.maxWait().toMillis());
    }

    /** Every route and what it needs. */
    public List<Listed> routes() {
        return routes.all();
    }

    private ServerStatus untilStopping(ServerStatus status) {
        return new ServerStatus(
                status.version(),
                status.config(),
                () -> stopping
                        ? Optional.of("it is shutting down")
                        : status.notReadyBecause().get());
    }

    /** From now on new requests are refused with 503 and their connections closed; those in work go on. */
    public void stopTakingRequests() {
        stopping = true;
        events.stop();
    }

    public CompletionStage<HttpResponse> answer(HttpRequest request) {
        long startedNanos = System.nanoTime();
        RouteTable.Match match = routes.match(request.method(), request.getUri());
        String pattern = match instanceof Found found ? found.listed().pattern() : NO_ROUTE;
        CompletionStage<HttpResponse> answered =
                answer(request, match).thenApply(answer -> stopping ? Refusals.last(answer) : answer);
        return answered.whenComplete((answer, failure) -> {
            if (answer != null) {
                metrics.answered(
                        request.method().name(), pattern, answer.status().intValue(), System.nanoTime() - startedNanos);
                if (!isFree(match)) {
                    Refusals.reason(answer).ifPresent(metrics::refused);
                }
            }
        });
    }

    /** What says how the node is, refuses nothing. */
    private static boolean isFree(RouteTable.Match match) {
        return match instanceof Found found && found.route().admission() == Admission.FREE;
    }

    private CompletionStage<HttpResponse> answer(HttpRequest request, RouteTable.Match match) {
        if (match instanceof Found found) {
            Verdict verdict = gate.check(found.route().need(), found.variables(), request);
            return verdict instanceof Stop stop ? refuse(request, stop.answer()) : admit(found, request, verdict);
        }
        return refuse(
                request,
                match instanceof OtherMethods other
                        ? Answers.methodNotAllowed(other.allowed())
                        : Answers.unknownRoute());
    }

    private CompletionStage<HttpResponse> admit(Found found, HttpRequest request, Verdict verdict) {
        if (found.route().admission() == Admission.STREAMED) {
            return admitStreamed(found, request, verdict);
        }
        long bodyBytes = request.entity().getContentLengthOption().orElse(settings.maxBodyBytes());
        if (bodyBytes > settings.maxBodyBytes()) {
            return refuse(request, Refusals.bodyTooLarge(settings.maxBodyBytes()));
        }
        if (found.route().admission() == Admission.FREE) {
            return serve(found, request, verdict);
        }
        if (stopping) {
            return refuse(request, Refusals.stopping());
        }
        QueueLimit limit = Objects.requireNonNull(limits.get(found.listed()));
        QueueLimit.Place place = limit.tryEnter(ownerOf(found), System.nanoTime());
        if (place == null) {
            return refuse(request, Refusals.queueTooLong());
        }
        RequestBounds.Entry entry = bounds.enter(bodyBytes);
        if (entry != RequestBounds.Entry.ENTERED) {
            limit.leave(place, false, System.nanoTime());
            return refuse(request, refusalOf(entry));
        }
        return serve(found, request, verdict)
                .whenComplete((answer, failure) -> {
                    bounds.leave(bodyBytes);
                    limit.leave(place, tellsOfQueue(request, answer), System.nanoTime());
                })
                .copy()
                .completeOnTimeout(
                        Refusals.timedOut(), settings.requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
    }

    private static HttpResponse refusalOf(RequestBounds.Entry entry) {
        return entry == RequestBounds.Entry.TOO_MANY_BYTES ? Refusals.tooManyBytesInWork() : Refusals.tooManyInWork();
    }

    /** Whose the request is, as far as that is known without asking: a user, or what its path names. */
    private @Nullable String ownerOf(Found found) {
        if (found.variables().isEmpty()) {
            return null;
        }
        String id = found.variables().get(0);
        return directory.rememberedUserOf(id).orElse(id);
    }

    /** Refusals are quick, and some requests ask to be kept waiting. */
    private static boolean tellsOfQueue(HttpRequest request, @Nullable HttpResponse answer) {
        return answer != null
                && answer.status().isSuccess()
                && !request.getUri().rawQueryString().orElse("").contains("wait");
    }

    /** Its handler bounds the body and the time; what a refusal leaves of the body is let run out. */
    private CompletionStage<HttpResponse> admitStreamed(Found found, HttpRequest request, Verdict verdict) {
        if (stopping) {
            return refuse(request, Refusals.stopping());
        }
        RequestBounds.Entry entry = bounds.enter(0);
        if (entry != RequestBounds.Entry.ENTERED) {
            return refuse(request, refusalOf(entry));
        }
        return serve(found, request, verdict)
                .whenComplete((answer, failure) -> bounds.leave(0))
                .thenCompose(answer -> answer.status().isSuccess()
                        ? CompletableFuture.completedFuture(answer)
                        : refuse(request, answer));
    }

    /** Never fails: every failure is an answer. */
    private CompletableFuture<HttpResponse> serve(Found found, HttpRequest request, Verdict verdict) {
        if (verdict instanceof Pass pass) {
            return serve(found, request, pass.caller());
        }
        if (verdict instanceof Wait wait) {
            return Stages.continuedOn(continuations, wait.verdict())
                    .exceptionally(failure -> new Stop(Refusals.of(failure)))
                    .thenCompose(decided -> serve(found, request, decided));
        }
        return refuse(request, ((Stop) verdict).answer()).toCompletableFuture();
    }

    private CompletableFuture<HttpResponse> serve(Found found, HttpRequest request, Caller caller) {
        return body(found, request)
                .handle((body, failure) -> failure == null
                        ? found.route().handler().handle(new Call(found.variables(), request, body, caller))
                        : CompletableFuture.completedStage(Refusals.unreadableBody(failure, settings.maxBodyBytes())))
                .thenCompose(Function.identity())
                .exceptionally(Refusals::of)
                .thenApply(answer -> found.route().admission() == Admission.FREE ? answer : answers.counted(answer));
    }

    private CompletableFuture<ByteString> body(Found found, HttpRequest request) {
        if (found.route().admission() == Admission.STREAMED) {
            return CompletableFuture.completedFuture(ByteString.emptyByteString());
        }
        RequestEntity entity = request.entity();
        if (entity instanceof HttpEntity.Strict strict) {
            return CompletableFuture.completedFuture(strict.getData());
        }
        return Stages.continuedOn(
                        continuations,
                        entity.toStrict(settings.requestTimeout().toMillis(), settings.maxBodyBytes(), system))
                .thenApply(HttpEntity.Strict::getData);
    }

    /**
     * Answers without looking at the body. It is let run out before, within bounds: Pekko cuts the connection of an answer
     * that comes earlier, and the client would not get to read it.
     */
    private CompletionStage<HttpResponse> refuse(HttpRequest request, HttpResponse answer) {
        if (request.entity().isStrict()) {
            return CompletableFuture.completedFuture(answer);
        }
        CompletionStage<Done> drained = request.entity()
                .withSizeLimit(MAX_DRAINED_BYTES)
                .discardBytes(system)
                .completionStage();
        return Stages.continuedOn(continuations, drained)
                .handle((done, failure) -> answer)
                .completeOnTimeout(answer, settings.requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
    }
}
