package memfuse.cluster;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import memfuse.actors.embedding.EmbeddingModel;
import memfuse.actors.embedding.EmbeddingQueue;
import memfuse.actors.embedding.EmbeddingStats;
import memfuse.actors.embedding.OnnxEmbeddingModel;
import memfuse.actors.embedding.OnnxModelSpec;
import memfuse.actors.embedding.OpenAiEmbeddingModel;
import memfuse.actors.embedding.TextVectorCache;
import memfuse.actors.session.UnitEmbedder;
import memfuse.actors.user.QueryEmbedder;
import memfuse.cluster.settings.EmbeddingSettings;
import memfuse.cluster.settings.MemFuseSettings;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.store.UnitVector;
import org.jspecify.annotations.Nullable;

/** The node's embedding: a model with its queue, or none at all, where memory is searched by words alone. */
final class Embedding implements AutoCloseable {
    /** What sessions and queries get where there is no model. */
    static final UnitEmbedder NO_UNITS = new UnitEmbedder() {
        @Override
        public boolean embeds() {
            return false;
        }

        @Override
        public Optional<CompletionStage<List<UnitVector>>> embed(String userId, List<MemoryUnit> units) {
            return Optional.empty();
        }

        @Override
        public void release(Collection<UnitKey> keys) {}

        @Override
        public void storeLate(List<UnitVector> vectors) {}

        @Override
        public void forgetTexts() {}

        @Override
        public void unitsPending() {}
    };

    private final @Nullable EmbeddingModel model;
    private final @Nullable EmbeddingQueue queue;
    private final TextVectorCache texts;
    private volatile long pendingUnits;

    private Embedding(@Nullable EmbeddingModel model, @Nullable EmbeddingQueue queue, TextVectorCache texts) {
        this.model = model;
        this.queue = queue;
        this.texts = texts;
    }

    /** Loads the model that is set; takes a second or so. */
    static Embedding open(MemFuseSettings settings) {
        if (settings.embedding().model().equals(EmbeddingSettings.NONE)) {
            return new Embedding(null, null, new TextVectorCache(0));
        }
        EmbeddingModel model = settings.embedding().model().equals(EmbeddingSettings.OPENAI)
                ? new OpenAiEmbeddingModel(ModuleSettings.openAi(settings))
                : OnnxEmbeddingModel.open(
                        OnnxModelSpec.named(settings.embedding().model()),
                        settings.dataDir().resolve("native"));
        return new Embedding(
                model,
                new EmbeddingQueue(model, ModuleSettings.embedding(settings)),
                new TextVectorCache(settings.embedding().cacheBytes()));
    }

    /** The model's name as it is stored beside vectors, or null. */
    @Nullable
    String modelName() {
        return model == null ? null : model.name();
    }

    /** Floats of a vector, or 0 without a model. */
    int dimensions() {
        return model == null ? 0 : model.dimensions();
    }

    /** The queue for ingest, or null. */
    @Nullable
    EmbeddingQueue queue() {
        return queue;
    }

    /** The vectors of texts embedded lately. */
    TextVectorCache texts() {
        return texts;
    }

    /** What was done so far and what is waiting now; empty without a model. */
    Optional<EmbeddingStats> stats() {
        return Optional.ofNullable(queue).map(ready -> ready.stats().with(texts.hits(), pendingUnits));
    }

    /** So many units in the store wait for an embedding. */
    void setPendingUnits(long units) {
        pendingUnits = units;
    }

    QueryEmbedder queries() {
        EmbeddingQueue ready = queue;
        return new QueryEmbedder() {
            @Override
            public Optional<CompletionStage<float[]>> embed(String userId, String query) {
                return ready == null ? Optional.empty() : Optional.of(ready.embedQuery(userId, query));
            }

            @Override
            public void forget() {
                if (ready != null) {
                    ready.forgetQueries();
                }
            }
        };
    }

    @Override
    public void close() {
        if (queue != null) {
            queue.close();
        }
        if (model != null) {
            model.close();
        }
    }
}
