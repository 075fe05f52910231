package memfuse.bench.load;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Made-up chat turns of 100 to 200 characters, the same for the same seed. Their words are common English ones, the
 * first of the list far more often than the last, so that they cost a tokenizer and an index what real ones do.
 */
final class ChatTexts {
    private static final List<String> WORDS = words();
    private static final int SHORTEST = 100;
    private static final int LONGEST = 200;

    private final Random random;

    ChatTexts(long seed) {
        random = new Random(seed);
    }

    /** The next turn. */
    String next() {
        int length = SHORTEST + random.nextInt(LONGEST - SHORTEST - 20);
        StringBuilder text = new StringBuilder(LONGEST);
        while (text.length() < length) {
            if (text.length() > 0) {
                text.append(random.nextInt(9) == 0 ? ", " : " ");
            }
            text.append(word());
        }
        return text.append('.').toString();
    }

    List<String> next(int count) {
        List<String> texts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            texts.add(next());
        }
        return texts;
    }

    private String word() {
        double u = random.nextDouble();
        return WORDS.get((int) (u * u * WORDS.size()));
    }

    private static List<String> words() {
        try (InputStream in = Objects.requireNonNull(ChatTexts.class.getResourceAsStream("words.txt"), "words.txt")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return Stream.of(text.split("\\s+")).filter(word -> !word.isEmpty()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
