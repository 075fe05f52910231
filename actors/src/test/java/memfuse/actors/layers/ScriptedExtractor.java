package memfuse.actors.layers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import memfuse.protocol.facts.ExtractedFact;
import memfuse.protocol.facts.FactExtractionException;
import memfuse.protocol.facts.FactExtractionException.Fault;
import memfuse.protocol.facts.FactExtractor;
import memfuse.protocol.memory.Message;

/**
 * Makes one fact of each message. It fails at all messages together with one that begins with "bad", throws at "bug", and
 * is not available as often as it is told. Thread-safe.
 */
final class ScriptedExtractor implements FactExtractor {
    private final List<List<Long>> calls = new ArrayList<>();
    private CompletableFuture<Boolean> release = CompletableFuture.completedFuture(true);
    private int unavailable;
    private int underWay;
    private int mostUnderWay;

    @Override
    public String name() {
        return "scripted/1";
    }

    /** Lets nothing be done from now on until {@link #release}. */
    synchronized void hold() {
        release = new CompletableFuture<>();
    }

    void release() {
        CompletableFuture<Boolean> held;
        synchronized (this) {
            held = release;
        }
        held.complete(true);
    }

    /** The next {@code count} calls fail, whatever the messages. */
    synchronized void failNext(int count) {
        unavailable = count;
    }

    /** The numbers of the messages of each call. */
    synchronized List<List<Long>> calls() {
        return List.copyOf(calls);
    }

    synchronized int mostUnderWay() {
        return mostUnderWay;
    }

    /**
     * Waits until so many calls are under way at once.
     *
     * @throws AssertionError when they are not within the limit
     */
    synchronized void awaitUnderWay(int count, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (underWay < count) {
            long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
            if (left <= 0) {
                throw new AssertionError(underWay + " calls under way, not " + count);
            }
            wait(left);
        }
    }

    @Override
    public synchronized CompletionStage<List<ExtractedFact>> extract(List<Message> messages) {
        calls.add(messages.stream().map(Message::seq).toList());
        mostUnderWay = Math.max(mostUnderWay, ++underWay);
        notifyAll();
        if (unavailable > 0) {
            unavailable--;
            return failed(Fault.UNAVAILABLE);
        }
        if (messages.stream().anyMatch(message -> message.content().startsWith("bug"))) {
            underWay--;
            throw new IllegalStateException("scripted: a bug");
        }
        if (messages.stream().anyMatch(message -> message.content().startsWith("bad"))) {
            return failed(Fault.MESSAGES);
        }
        return release.thenApply(released -> facts(messages));
    }

    private CompletionStage<List<ExtractedFact>> failed(Fault fault) {
        underWay--;
        return CompletableFuture.failedFuture(new FactExtractionException(fault, "scripted: " + fault));
    }

    private synchronized List<ExtractedFact> facts(List<Message> messages) {
        underWay--;
        return messages.stream()
                .map(message -> new ExtractedFact(
                        "somebody",
                        "said",
                        message.content(),
                        message.content(),
                        "said " + message.content(),
                        List.of(message.seq()),
                        null,
                        null,
                        1))
                .toList();
    }
}
