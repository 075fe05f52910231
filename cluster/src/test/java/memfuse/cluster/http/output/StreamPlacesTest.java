package memfuse.cluster.http.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import memfuse.cluster.http.output.StreamPlaces.Place;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class StreamPlacesTest {
    private static final ActorSystem<Void> SYSTEM = ActorSystem.create(Behaviors.empty(), "places-test");

    private Instant now = Instant.EPOCH;
    private final StreamPlaces places = new StreamPlaces(2, () -> now);

    @AfterAll
    static void stop() {
        SYSTEM.terminate();
    }

    @Test
    void givesNoMoreThanThereAre() {
        place();
        place();
        assertThat(places.take()).isEmpty();
    }

    @Test
    void takesAPlaceBackWhoseAnswerIsARefusalOrAFailure() {
        place().with(CompletableFuture.completedFuture(HttpResponse.create().withStatus(StatusCodes.NOT_FOUND)));
        place().with(CompletableFuture.failedFuture(new IllegalStateException("scripted")));
        place();
        place();
        assertThat(places.take()).isEmpty();
    }

    @Test
    void takesAPlaceBackWhoseAnswerNobodySends() {
        Place unsent = place();
        Place unanswered = place();
        unsent.with(CompletableFuture.completedFuture(HttpResponse.create()));
        unanswered.with(new CompletableFuture<>());
        now = now.plus(StreamPlaces.UNSENT).minusMillis(1);
        assertThat(places.take()).isEmpty();
        now = now.plusMillis(1);
        place();
        assertThat(places.take()).isEmpty();
    }

    @Test
    void holdsAPlaceWhileItsStreamIsSentAndNoLonger() throws Exception {
        List<@Nullable Throwable> ends = new ArrayList<>();
        CompletableFuture<ByteString> last = new CompletableFuture<>();
        Place place = place();
        place();
        Source<ByteString, NotUsed> stream = place.hold(Source.completionStage(last), ends::add);
        place.with(CompletableFuture.completedFuture(HttpResponse.create()));
        CompletableFuture<?> sent = stream.runWith(Sink.ignore(), SYSTEM).toCompletableFuture();
        now = now.plusSeconds(3600);
        assertThat(places.take()).isEmpty();

        last.complete(ByteString.fromString("end"));
        sent.get(20, TimeUnit.SECONDS);
        awaitPlace();
        assertThat(places.take()).isEmpty();
        assertThat(ends).hasSize(1).containsOnlyNulls();
    }

    /** An answer behind others on a connection may begin late. */
    @Test
    void countsAnAnswerThatIsSentAfterAll() throws Exception {
        CompletableFuture<ByteString> last = new CompletableFuture<>();
        Place late = place();
        Source<ByteString, NotUsed> stream = late.hold(Source.completionStage(last), failure -> {});
        late.with(CompletableFuture.completedFuture(HttpResponse.create()));
        place();
        now = now.plus(StreamPlaces.UNSENT);
        Place other = place();
        CompletableFuture<?> sent = stream.runWith(Sink.ignore(), SYSTEM).toCompletableFuture();
        other.with(CompletableFuture.failedFuture(new IllegalStateException("scripted")));
        assertThat(places.take()).isEmpty();
        last.complete(ByteString.emptyByteString());
        sent.get(20, TimeUnit.SECONDS);
        awaitPlace();
    }

    private Place place() {
        return places.take().orElseThrow();
    }

    private void awaitPlace() {
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (places.take().isEmpty()) {
            assertThat(System.nanoTime()).as("a place is free").isLessThan(deadlineNanos);
            Thread.onSpinWait();
        }
    }
}
