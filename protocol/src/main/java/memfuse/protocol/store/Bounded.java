package memfuse.protocol.store;

import java.util.List;
import java.util.function.ToLongFunction;

/**
 * What was read within a bound; beyond the bound only how much it would be.
 *
 * @param elements none where {@code bytes} is beyond the bound
 * @param bytes of all elements as they are counted in answers
 */
public record Bounded<T>(List<T> elements, long bytes) {
    public Bounded {
        elements = List.copyOf(elements);
    }

    /** The elements, if they are within the bound. */
    public static <T> Bounded<T> of(List<T> elements, ToLongFunction<T> size, long maxBytes) {
        long bytes = elements.stream().mapToLong(size).sum();
        return new Bounded<>(bytes <= maxBytes ? elements : List.of(), bytes);
    }
}
