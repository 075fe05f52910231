package memfuse.actors.openai;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The pauses between attempts at one request: they double, and differ at random, so that requests that failed together
 * do not return together.
 *
 * @param shortest before the second attempt, at most
 * @param longest also where the server asks for a longer one
 */
public record RetryPauses(Duration shortest, Duration longest) {
    /**
     * The pause after so many attempts.
     *
     * @param asked what the server asks for
     */
    public Duration after(int attempts, Optional<Duration> asked) {
        Duration grown = shortest.multipliedBy(1L << Math.min(attempts - 1, 20));
        long millis = shorter(grown, longest).toMillis();
        Duration own =
                Duration.ofMillis(millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1));
        return asked.map(wanted -> shorter(wanted, longest))
                .filter(wanted -> wanted.compareTo(own) > 0)
                .orElse(own);
    }

    /** What the header {@code Retry-After} asks for, in seconds. */
    public static Optional<Duration> askedBy(HttpResponse<?> response) {
        return response.headers()
                .firstValue("Retry-After")
                .filter(value -> value.matches("\\d{1,6}(?:\\.\\d{1,6})?"))
                .map(value -> Duration.ofMillis((long) (Double.parseDouble(value) * 1_000)));
    }

    /** Whether a request that was answered with this status may be answered otherwise in a while. */
    public static boolean mayPass(int status) {
        return status == 429 || status >= 500 || status == 408 || status == 409;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
