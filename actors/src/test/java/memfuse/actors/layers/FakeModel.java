package memfuse.actors.layers;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import memfuse.actors.embedding.EmbeddingException;
import memfuse.actors.embedding.EmbeddingModel;

/** A model that counts what it embeds, and that cannot embed texts that begin with {@code bad}; thread-safe. */
final class FakeModel implements EmbeddingModel {
    private final Map<String, Integer> embedded = new ConcurrentHashMap<>();
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile CountDownLatch arrived = new CountDownLatch(0);

    /** Embeds nothing from now on until it is released. */
    void hold() {
        arrived = new CountDownLatch(1);
        gate = new CountDownLatch(1);
    }

    /** Waits until texts are held. */
    void awaitHeld() {
        await(arrived);
    }

    void release() {
        gate.countDown();
    }

    /** How often each text was embedded. */
    Map<String, Integer> embedded() {
        return Map.copyOf(embedded);
    }

    static float[] vectorOf(String text) {
        return new float[] {text.hashCode(), text.length()};
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public int dimensions() {
        return 2;
    }

    @Override
    public float[][] embed(List<String> texts) {
        arrived.countDown();
        await(gate);
        if (texts.stream().anyMatch(text -> text.startsWith("bad"))) {
            throw new EmbeddingException("scripted");
        }
        texts.forEach(text -> embedded.merge(text, 1, Integer::sum));
        return texts.stream().map(FakeModel::vectorOf).toArray(float[][]::new);
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(60, TimeUnit.SECONDS)) {
                throw new EmbeddingException("waited in vain");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddingException("interrupted", e);
        }
    }

    @Override
    public void close() {}
}
