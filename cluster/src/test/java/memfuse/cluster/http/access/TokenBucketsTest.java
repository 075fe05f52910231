package memfuse.cluster.http.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBucketsTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int MANY = 1000;

    /** Clocks of this kind may begin anywhere, and pass the largest number on their way. */
    @ParameterizedTest
    @ValueSource(longs = {0, -5, Long.MIN_VALUE, Long.MAX_VALUE - 3, 123_456_789_012L})
    void letsABurstPassAndThenAnEvenFlow(long start) {
        TokenBuckets buckets = new TokenBuckets(60, MANY, start);
        for (int i = 0; i < 60; i++) {
            assertThat(buckets.take("a", start)).isZero();
        }
        assertThat(buckets.take("a", start)).isEqualTo(SECOND);
        assertThat(buckets.take("a", start + SECOND / 4)).isEqualTo(SECOND * 3 / 4);
        assertThat(buckets.take("a", start + SECOND)).isZero();
        assertThat(buckets.take("a", start + SECOND)).isEqualTo(SECOND);
        assertThat(buckets.take("a", start + 3 * SECOND)).isZero();
        assertThat(buckets.take("a", start + 3 * SECOND)).isZero();
        assertThat(buckets.take("a", start + 3 * SECOND)).isPositive();
    }

    @Test
    void holdsNoMoreThanABucketHoweverLongNobodyCame() {
        TokenBuckets buckets = new TokenBuckets(3, MANY, 0);
        assertThat(taken(buckets, "a", 0)).isEqualTo(3);
        assertThat(taken(buckets, "a", TimeUnit.DAYS.toNanos(400))).isEqualTo(3);
    }

    @Test
    void keepsClientsApart() {
        TokenBuckets buckets = new TokenBuckets(1, MANY, 0);
        assertThat(buckets.take("a", 0)).isZero();
        assertThat(buckets.take("a", 0)).isPositive();
        assertThat(buckets.take("b", 0)).isZero();
    }

    @Test
    void refusesWithoutTakingAnything() {
        TokenBuckets buckets = new TokenBuckets(60, MANY, 0);
        taken(buckets, "a", 0);
        for (int i = 0; i < 100; i++) {
            assertThat(buckets.take("a", SECOND - 1)).isEqualTo(1);
        }
        assertThat(buckets.take("a", SECOND)).isZero();
    }

    @Test
    void dropsFullBucketsToMakeRoom() {
        TokenBuckets buckets = new TokenBuckets(60, 10, 0);
        for (int i = 0; i < 10; i++) {
            buckets.take("old " + i, 0);
        }
        taken(buckets, "old 0", 0);
        assertThat(buckets.take("new", 2 * SECOND)).isZero();
        assertThat(buckets.clients()).isEqualTo(2);
        assertThat(taken(buckets, "old 0", 2 * SECOND)).isEqualTo(2);
    }

    @Test
    void letsClientsBeyondTheBoundShareABucketAndStaysBounded() {
        TokenBuckets buckets = new TokenBuckets(6, 10, 0);
        for (int i = 0; i < 10; i++) {
            taken(buckets, "first " + i, 0);
        }
        int passed = 0;
        for (int i = 0; i < 1000; i++) {
            passed += buckets.take("late " + i, 0) == 0 ? 1 : 0;
        }
        assertThat(passed).isEqualTo(6);
        assertThat(buckets.clients()).isEqualTo(10);
        assertThat(taken(buckets, "later", 60 * SECOND)).isEqualTo(6);
    }

    @Test
    void neverLetsMorePassThanItPromises() {
        long seed = System.nanoTime();
        System.out.println("seed=" + seed);
        Random random = new Random(seed);
        int perMinute = 1 + random.nextInt(1000);
        TokenBuckets buckets = new TokenBuckets(perMinute, MANY, 0);
        long now = 0;
        long passed = 0;
        for (int i = 0; i < 20_000; i++) {
            now += (long) (random.nextDouble() * 2 * 60 * SECOND / perMinute * random.nextInt(3));
            passed += buckets.take("a", now) == 0 ? 1 : 0;
            assertThat((double) passed).isLessThanOrEqualTo(perMinute + (double) now * perMinute / (60 * SECOND) + 1);
        }
    }

    @Test
    void countsThreadsThatComeTogether() throws InterruptedException {
        TokenBuckets buckets = new TokenBuckets(5000, MANY, 0);
        AtomicInteger passed = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        for (int t = 0; t < 4; t++) {
            threads.execute(() -> passed.addAndGet(taken(buckets, "a", 0)));
        }
        threads.shutdown();
        assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        assertThat(passed).hasValue(5000);
    }

    private static int taken(TokenBuckets buckets, Object client, long now) {
        int taken = 0;
        while (buckets.take(client, now) == 0) {
            taken++;
        }
        return taken;
    }
}
