package memfuse.actors.extraction;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import memfuse.actors.extraction.ChatAnswer.Unusable;
import memfuse.actors.openai.BoundedBody;
import memfuse.actors.openai.RetryPauses;
import memfuse.protocol.Cause;
import memfuse.protocol.facts.ExtractedFact;
import memfuse.protocol.facts.ExtractionUsage;
import memfuse.protocol.facts.FactExtractionException;
import memfuse.protocol.facts.FactExtractionException.Fault;
import memfuse.protocol.facts.FactExtractor;
import memfuse.protocol.memory.Message;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a model extract facts, over the chat completions of an OpenAI-compatible API, with answers in a strict JSON schema.
 *
 * <p>A request that fails for want of the server (429, 5xx, no answer in time) and an answer that is not what was asked
 * for are tried again, after pauses that grow and that the server may ask for. What is left then is a {@link
 * FactExtractionException}: of the messages where the model cannot answer them, otherwise of the server. How many
 * requests are under way at a time, the caller decides. Thread-safe.
 */
public final class OpenAiExtractor implements FactExtractor {
    private static final Logger LOG = LoggerFactory.getLogger(OpenAiExtractor.class);
    private static final int MAX_ANSWER_BYTES = 8 << 20;
    private static final Duration REPORT_INTERVAL = Duration.ofMinutes(10);

    private final OpenAiSettings settings;
    private final InstantSource clock;
    private final RetryPauses pauses;
    private final HttpClient client;

    /** Reads answers, and goes on after a pause: the JVM's common pool has one thread on a small machine. */
    private final Executor threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "fact-model");
        thread.setDaemon(true);
        return thread;
    });

    private final ExtractionCounters counters = new ExtractionCounters();
    private final AtomicLong reportedAtMillis;

    /** What became of one request. */
    private sealed interface Outcome {}

    private record Done(List<ExtractedFact> facts) implements Outcome {}

    /** @param pause that the server asks for before the next request */
    private record Failed(Fault fault, boolean lasting, Optional<Duration> pause, String reason) implements Outcome {
        FactExtractionException exception() {
            return new FactExtractionException(fault, reason);
        }
    }

    public OpenAiExtractor(OpenAiSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
        pauses = new RetryPauses(settings.retryMin(), settings.retryMax());
        reportedAtMillis = new AtomicLong(clock.millis());
        client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(settings.requestTimeout())
                .build();
    }

    @Override
    public String name() {
        return "openai/" + settings.model();
    }

    @Override
    public CompletionStage<List<ExtractedFact>> extract(List<Message> messages) {
        return messages.isEmpty()
                ? CompletableFuture.completedFuture(List.of())
                : attempt(1, ChatRequest.of(settings.model(), messages));
    }

    private CompletableFuture<List<ExtractedFact>> attempt(int number, ChatRequest request) {
        return send(request).thenCompose(outcome -> {
            if (outcome instanceof Done done) {
                return CompletableFuture.completedFuture(done.facts());
            }
            Failed failed = (Failed) outcome;
            if (failed.lasting() || number >= settings.maxAttempts()) {
                counters.failures.increment();
                return CompletableFuture.<List<ExtractedFact>>failedFuture(failed.exception());
            }
            counters.retries.increment();
            Duration pause = pauses.after(number, failed.pause());
            LOG.debug("asking {} again in {}: {}", settings.model(), pause, failed.reason());
            return CompletableFuture.supplyAsync(
                            () -> number + 1,
                            CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS, threads))
                    .thenCompose(next -> attempt(next, request));
        });
    }

    private CompletableFuture<Outcome> send(ChatRequest request) {
        HttpRequest.Builder post = HttpRequest.newBuilder(settings.completions())
                .header("Content-Type", "application/json")
                .timeout(settings.requestTimeout())
                .POST(BodyPublishers.ofString(request.body(), StandardCharsets.UTF_8));
        settings.apiKey().ifPresent(key -> post.header("Authorization", "Bearer " + key));
        counters.requests.increment();
        CompletableFuture<HttpResponse<byte[]>> response =
                client.sendAsync(post.build(), info -> new BoundedBody(MAX_ANSWER_BYTES));
        return response.copy()
                // the request's own timeout ends with the first byte of the answer
                .orTimeout(settings.requestTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .handleAsync(
                        (answer, failure) -> {
                            if (failure == null) {
                                return outcome(answer, request);
                            }
                            response.cancel(true);
                            return failedBy(failure);
                        },
                        threads);
    }

    private Failed failedBy(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        String reason = cause instanceof TimeoutException
                ? "no answer within " + settings.requestTimeout()
                : "no answer: " + Cause.of(cause);
        return new Failed(Fault.UNAVAILABLE, false, Optional.empty(), reason);
    }

    private Outcome outcome(HttpResponse<byte[]> response, ChatRequest request) {
        int status = response.statusCode();
        if (status == 200) {
            return outcome(response.body(), request);
        }
        String reason = "HTTP status " + status;
        if (RetryPauses.mayPass(status)) {
            return new Failed(Fault.UNAVAILABLE, false, RetryPauses.askedBy(response), reason);
        }
        // With these statuses the server speaks of the request; with others (401, 404 …) of what it was set up with.
        boolean ofMessages = status == 400 || status == 413 || status == 422;
        return new Failed(ofMessages ? Fault.MESSAGES : Fault.UNAVAILABLE, true, Optional.empty(), reason);
    }

    private Outcome outcome(byte[] body, ChatRequest request) {
        ChatAnswer.Usage usage = ChatAnswer.usage(body);
        counters.inputTokens.add(usage.inputTokens());
        counters.outputTokens.add(usage.outputTokens());
        try {
            ChatAnswer answer = ChatAnswer.read(body, request.byId());
            counters.discarded.add(answer.discarded());
            reportIfDue();
            return new Done(answer.facts());
        } catch (Unusable unusable) {
            return new Failed(Fault.MESSAGES, unusable.lasting(), Optional.empty(), Cause.of(unusable));
        }
    }

    private void reportIfDue() {
        long now = clock.millis();
        long last = reportedAtMillis.get();
        if (now - last >= REPORT_INTERVAL.toMillis() && reportedAtMillis.compareAndSet(last, now)) {
            LOG.info("facts by {} since the start: {}", settings.model(), ExtractionCounters.line(usage()));
        }
    }

    @Override
    public ExtractionUsage usage() {
        return counters.usage(settings.inputPrice(), settings.outputPrice());
    }
}
