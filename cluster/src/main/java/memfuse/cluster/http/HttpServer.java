package memfuse.cluster.http;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import memfuse.cluster.http.backend.Stages;
import memfuse.cluster.http.output.Refusals;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.http.javadsl.model.Uri;
import org.apache.pekko.http.javadsl.settings.ParserSettings;
import org.apache.pekko.http.javadsl.settings.ServerSettings;

/**
 * The bound server. It leaves with the actor system: first the port is given up and new requests on the connections that
 * are there are refused, then requests in work get their answers or the time is over.
 */
public final class HttpServer {
    private static final int MAX_URI_LENGTH = 16 * 1024;

    /**
     * How long clients are told on the connections they have that they should go elsewhere. A connection that is closed
     * without that may have a request on its way.
     */
    private static final Duration FAREWELL = Duration.ofMillis(500);

    /** Pekko counts an answer as given before its bytes are in the socket; a system that ends at once cuts it off. */
    private static final Duration LINGER = Duration.ofMillis(100);

    private final InetSocketAddress address;

    private HttpServer(InetSocketAddress address) {
        this.address = address;
    }

    /** Where it listens; with the port that was taken where any was asked for. */
    public InetSocketAddress address() {
        return address;
    }

    /**
     * Listens.
     *
     * @return the server; fails with {@link HttpBindException} where the address cannot be listened on
     */
    public static CompletionStage<HttpServer> bind(ActorSystem<?> system, HttpSettings settings, HttpApi api) {
        CompletionStage<ServerBinding> bound = Http.get(system)
                .newServerAt(settings.host(), settings.port())
                .withSettings(serverSettings(system, settings))
                .bind(api::answer);
        return Stages.continuedOn(system.executionContext(), bound).handle((binding, failure) -> {
            if (failure != null) {
                throw HttpBindException.of(settings.host(), settings.port(), failure);
            }
            leaveWithSystem(system, settings, api, binding);
            return new HttpServer(binding.localAddress());
        });
    }

    private static void leaveWithSystem(
            ActorSystem<?> system, HttpSettings settings, HttpApi api, ServerBinding binding) {
        CoordinatedShutdown shutdown = CoordinatedShutdown.get(system);
        shutdown.addTask(CoordinatedShutdown.PhaseBeforeServiceUnbind(), "refuse-new-requests", () -> {
            api.stopTakingRequests();
            return binding.unbind().thenCompose(done -> after(FAREWELL));
        });
        binding.addToCoordinatedShutdown(settings.shutdownTimeout(), system);
        shutdown.addTask(CoordinatedShutdown.PhaseServiceStop(), "let-last-answers-leave", () -> after(LINGER));
    }

    private static CompletableFuture<Done> after(Duration pause) {
        return new CompletableFuture<Done>()
                .completeOnTimeout(Done.getInstance(), pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Pekko's own time-out of requests is off: the API has one, with an answer of its own. */
    private static ServerSettings serverSettings(ActorSystem<?> system, HttpSettings settings) {
        ServerSettings defaults = ServerSettings.create(system.classicSystem());
        ParserSettings parsing = defaults.getParserSettings()
                .withMaxUriLength(MAX_URI_LENGTH)
                .withMaxContentLength(settings.maxBodyBytes())
                .withUriParsingMode(Uri.RELAXED)
                .withIllegalHeaderWarnings(false);
        return defaults.withServerHeader(Optional.empty())
                .withParserSettings(parsing)
                .withTimeouts(defaults.getTimeouts().withRequestTimeout(scala.concurrent.duration.Duration.Zero()))
                .withMaxConnections(settings.maxConnections())
                .withBacklog(settings.backlog())
                .withTransparentHeadRequests(false)
                .withRemoteAddressAttribute(true)
                .withParsingErrorHandler(MalformedRequests.class.getName())
                .withTerminationDeadlineExceededResponse(Refusals.stopping());
    }
}
