package memfuse.cluster.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import memfuse.cluster.http.QueueLimit.Place;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class QueueLimitTest {
    private static final long MILLI = 1_000_000;

    private final QueueLimit limit = new QueueLimit(Duration.ofMillis(50), 0);
    private final Deque<Place> inWork = new ArrayDeque<>();
    private long now;

    @Test
    void takesOnWhatIsAnsweredInTimeHoweverMuchThatIs() {
        serve(2000, 1, 5, 1000);
        assertThat(limit.limit()).isEqualTo(QueueLimit.USUAL);
        assertThat(limit.inWork()).isZero();
    }

    @Test
    void takesOnNoMoreThanIsAnsweredInTheLongestQueueOnceOneStands() {
        learnAlone(10);
        int refused = overload(40, 10, 5000);
        assertThat(limit.limit()).isBetween(QueueLimit.LEAST, 110);
        assertThat(refused).isGreaterThan(5000 * 25);
        assertThat(inWork.size()).isLessThanOrEqualTo(110);
    }

    @Test
    void letsABurstPassThatIsWorkedOff() {
        learnAlone(1);
        for (int i = 0; i < 200; i++) {
            assertThat(enter()).isTrue();
        }
        for (int i = 0; i < 20; i++) {
            pass(1);
            answer(10);
        }
        serve(200, 1, 1, 10);
        assertThat(limit.limit()).isEqualTo(QueueLimit.USUAL);
    }

    @Test
    void doesNotTakeWhatIsSlowByItselfForAQueue() {
        learnAlone(400);
        serve(3000, 1, 400, 100);
        assertThat(limit.limit()).isEqualTo(QueueLimit.USUAL);
    }

    @Test
    void goesBackToWhatIsUsualWhenTheOverloadIsOver() {
        learnAlone(10);
        overload(40, 10, 2000);
        while (!inWork.isEmpty()) {
            answer(1);
        }
        serve(5000, 1, 10, 100);
        assertThat(limit.limit()).isGreaterThan(QueueLimit.USUAL * 9 / 10);
    }

    @Test
    void growsBeyondWhatIsUsualWhereMoreIsAnsweredInTime() {
        learnAlone(10);
        serve(3000, 200, 10, 10_000);
        assertThat(limit.limit()).isGreaterThan(QueueLimit.USUAL * 3 / 2);
    }

    @Test
    void takesOnNoMoreBecauseNothingIsAnswered() {
        learnAlone(10);
        int refused = 0;
        for (int i = 0; i < 2000; i++) {
            pass(1);
            refused += enter() ? 0 : 1;
        }
        assertThat(refused).isEqualTo(2000 - QueueLimit.USUAL);
        assertThat(limit.limit()).isEqualTo(QueueLimit.USUAL);
    }

    @Test
    void isNotMisledByTheFewThatAreQuickInTheWorstOfQueues() {
        learnAlone(10);
        for (int i = 0; i < 3000; i++) {
            pass(1);
            answer(1);
            if (i % 20 == 0 && enter()) {
                limit.leave(inWork.removeLast(), true, now);
            }
            enter();
            enter();
        }
        assertThat(limit.limit()).isBetween(QueueLimit.LEAST, 100);
    }

    @Test
    void leavesPlacesForOthersThanWhoSendsMost() {
        int ofOne = 0;
        while (enter("hot")) {
            ofOne++;
        }
        assertThat(ofOne).isEqualTo(QueueLimit.USUAL / 2);
        assertThat(enter("other")).isTrue();
        assertThat(enter("hot")).isFalse();
    }

    @Test
    void givesAnOwnersPlacesBack() {
        for (int i = 0; i < QueueLimit.USUAL / 2; i++) {
            assertThat(enter("hot")).isTrue();
        }
        assertThat(enter("hot")).isFalse();
        answer(2);
        assertThat(enter("hot")).isTrue();
    }

    @Test
    void learnsNothingFromWhoAskedToBeKeptWaiting() {
        learnAlone(10);
        for (int i = 0; i < 100; i++) {
            Place place = limit.tryEnter(null, now);
            now += 150 * MILLI;
            assertThat(place).isNotNull();
            limit.leave(place, false, now);
        }
        assertThat(limit.limit()).isEqualTo(QueueLimit.USUAL);
    }

    /** So that it is known what a request takes alone. */
    private void learnAlone(int millis) {
        enter();
        pass(millis);
        answer(1);
    }

    /** In each millisecond so many requests come, and so few are answered, the oldest first; how many were refused. */
    private int overload(int come, int answered, int millis) {
        int refused = 0;
        for (int i = 0; i < millis; i++) {
            pass(1);
            if (i % 10 == 0) {
                answer(answered);
            }
            for (int j = 0; j < come; j++) {
                refused += enter() ? 0 : 1;
            }
        }
        return refused;
    }

    /** In each millisecond so many requests come, each of which takes so many; at the most so many are in work. */
    private void serve(int millis, int come, int each, int most) {
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < millis; i++) {
            pass(1);
            places.removeIf(place -> {
                boolean due = now - place.sinceNanos() >= each * MILLI;
                if (due) {
                    limit.leave(place, true, now);
                }
                return due;
            });
            for (int j = 0; j < come && places.size() < most; j++) {
                Place place = limit.tryEnter(null, now);
                if (place != null) {
                    places.add(place);
                }
            }
        }
        places.forEach(place -> limit.leave(place, true, now));
    }

    private void pass(int millis) {
        now += millis * MILLI;
    }

    private boolean enter() {
        return enter(null);
    }

    private boolean enter(@Nullable String owner) {
        Place place = limit.tryEnter(owner, now);
        if (place != null) {
            inWork.add(place);
        }
        return place != null;
    }

    private void answer(int count) {
        for (int i = 0; i < count && !inWork.isEmpty(); i++) {
            limit.leave(inWork.remove(), true, now);
        }
    }
}
