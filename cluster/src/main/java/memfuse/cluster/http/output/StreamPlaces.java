package memfuse.cluster.http.output;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.apache.pekko.NotUsed;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A number of places for answers that are streams: one is taken with the request and held until the stream has ended.
 *
 * <p>An answer whose client went away before it is never sent, and nobody hears of that. So a place whose answer was given
 * and is not being sent after {@link #UNSENT} is free for others. Safe for all threads.
 */
public final class StreamPlaces {
    static final Duration UNSENT = Duration.ofSeconds(10);

    private final int most;
    private final InstantSource clock;
    private final Set<Place> taken = new HashSet<>();

    public StreamPlaces(int most, InstantSource clock) {
        this.most = most;
        this.clock = clock;
    }

    /** Takes a place, where there is one. */
    public synchronized Optional<Place> take() {
        if (taken.size() >= most) {
            Instant now = clock.instant();
            taken.removeIf(place -> place.isUnsent(now));
        }
        if (taken.size() >= most) {
            return Optional.empty();
        }
        Place place = new Place();
        taken.add(place);
        return Optional.of(place);
    }

    private synchronized void giveBack(Place place) {
        taken.remove(place);
    }

    /** An answer that is given waits to be sent. */
    private synchronized void answered(Place place) {
        if (!place.sending) {
            place.answeredAt = clock.instant();
        }
    }

    /** Its place may have been given to another meanwhile; then there is one more than there should be. */
    private synchronized void send(Place place) {
        place.sending = true;
        taken.add(place);
    }

    /** One that was taken. */
    public final class Place {
        private @Nullable Instant answeredAt;
        private boolean sending;

        private boolean isUnsent(Instant now) {
            return !sending && answeredAt != null && !answeredAt.plus(UNSENT).isAfter(now);
        }

        /** Gives the place back where this is, in the end, no answer with a stream. */
        public CompletionStage<HttpResponse> with(CompletionStage<HttpResponse> answer) {
            return answer.whenComplete((response, failure) -> {
                if (failure != null || !response.status().isSuccess()) {
                    giveBack(this);
                } else {
                    answered(this);
                }
            });
        }

        /**
         * The stream, which holds the place while it is sent.
         *
         * @param onEnd is given the failure, or null
         */
        public Source<ByteString, NotUsed> hold(
                Source<ByteString, NotUsed> stream, Consumer<@Nullable Throwable> onEnd) {
            return stream.watchTermination((ignored, end) -> {
                send(this);
                end.whenComplete((done, failure) -> {
                    giveBack(this);
                    onEnd.accept(failure);
                });
                return ignored;
            });
        }
    }
}
