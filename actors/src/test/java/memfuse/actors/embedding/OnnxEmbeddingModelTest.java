package memfuse.actors.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.langchain4j.model.embedding.onnx.allminilml6v2q.AllMiniLmL6V2QuantizedEmbeddingModel;
import dev.langchain4j.model.embedding.onnx.bgesmallenv15q.BgeSmallEnV15QuantizedEmbeddingModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OnnxEmbeddingModelTest {
    private static final List<String> SENTENCES = List.of(
            "Caroline: I went to the lake with my sister last weekend.",
            "Where did we park the car?",
            "The quick brown fox jumps over the lazy dog, as foxes do in sentences about typewriters and fonts.",
            "Ok!",
            "Der Zug nach München fährt um acht Uhr.",
            "你好，世界",
            "I love 🍕 and 🎉 parties");

    private OnnxEmbeddingModel model;

    @BeforeAll
    void load() {
        model = OnnxEmbeddingModel.open(OnnxModelSpec.named("all-minilm-l6-v2-q"), Path.of("target", "native"));
    }

    @AfterAll
    void close() {
        model.close();
    }

    @Test
    void agreesWithTheLibrarysOwnClass() {
        var reference = new AllMiniLmL6V2QuantizedEmbeddingModel(Runnable::run);
        for (String sentence : SENTENCES) {
            float[] expected =
                    Vectors.toUnitLength(reference.embed(sentence).content().vector());
            float[] vector = model.embed(List.of(sentence))[0];
            assertThat(Vectors.dot(expected, vector, 0)).as(sentence).isGreaterThan(0.99f);
        }
    }

    @Test
    void givesATextItsVectorWhateverItIsEmbeddedWith() {
        float[][] together = model.embed(SENTENCES);
        for (int i = 0; i < SENTENCES.size(); i++) {
            String sentence = SENTENCES.get(i);
            assertThat(model.embed(List.of(sentence))[0]).as(sentence).isEqualTo(together[i]);
            assertThat(model.embedQuery(sentence)).as(sentence).isEqualTo(together[i]);
        }
    }

    @Test
    void acceptsAnyText() {
        List<String> odd = List.of(
                "",
                " ",
                "\u0000",
                "a\uD800b",
                "\uDC00",
                "\uD83D",
                "👩‍👩‍👧‍👦🏳️‍🌈",
                "[CLS] [SEP] [MASK] <|endoftext|>",
                "x".repeat(1 << 20),
                " ".repeat(1 << 20),
                "word ".repeat(100_000),
                "😀".repeat(10_000),
                "\n\n\n");
        float[][] vectors = model.embed(odd);
        assertThat(vectors).hasNumberOfRows(odd.size());
        for (float[] vector : vectors) {
            assertThat(vector).hasSize(model.dimensions());
            assertThat(Vectors.dot(vector, vector, 0)).isCloseTo(1f, within(1e-3f));
        }
        assertThat(model.embed(List.of())).isEmpty();
    }

    @Test
    void oneSessionServesSeveralThreads() {
        float[] expected = model.embed(List.of(SENTENCES.get(0)))[0];
        List<float[]> results = Collections.synchronizedList(new ArrayList<>());
        IntStream.range(0, 40).parallel().forEach(i -> results.add(model.embed(List.of(SENTENCES.get(0)))[0]));
        assertThat(results).hasSize(40).allSatisfy(v -> assertThat(v).isEqualTo(expected));
    }

    @Test
    void readsQueriesOfAModelThatWasTrainedSo() {
        var reference = new BgeSmallEnV15QuantizedEmbeddingModel(Runnable::run);
        try (OnnxEmbeddingModel bge =
                OnnxEmbeddingModel.open(OnnxModelSpec.named("bge-small-en-v15-q"), Path.of("target", "native"))) {
            for (String sentence : SENTENCES) {
                float[] expected =
                        Vectors.toUnitLength(reference.embed(sentence).content().vector());
                float[] text = bge.embed(List.of(sentence))[0];
                float[] query = bge.embedQuery(sentence);
                assertThat(Vectors.dot(expected, text, 0)).as(sentence).isGreaterThan(0.99f);
                assertThat(Vectors.dot(text, query, 0)).as(sentence).isBetween(0.4f, 0.999f);
            }
        }
        assertThat(model.embedQuery("hello")).isEqualTo(model.embed(List.of("hello"))[0]);
    }

    @Test
    void unpacksNativeLibrariesIntoItsDirectory() throws Exception {
        try (var files = Files.walk(Path.of("target", "native"))) {
            assertThat(files.map(f -> f.getFileName().toString()))
                    .contains(System.mapLibraryName("onnxruntime"), System.mapLibraryName("tokenizers"))
                    .noneMatch(name -> name.endsWith(".part"));
        }
    }

    @Test
    void namesTheKnownModelsWhenAskedForAnUnknownOne() {
        assertThatThrownBy(() -> OnnxModelSpec.named("gpt-9"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("gpt-9")
                .hasMessageContaining("all-minilm-l6-v2-q");
    }
}
