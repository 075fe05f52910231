package memfuse.cluster.metrics;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.HdrHistogram.AtomicHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * How long the requests of the last minute took, and how many of them failed. Kept in slots of ten seconds; the one that
 * is being filled counts as well. Safe for all threads, never blocks.
 */
public final class RecentRequests {
    private static final int SLOTS = 6;
    private static final long SLOT_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(5);
    private static final int DIGITS = 2;

    private final LongSupplier nanoTime;
    private final long bornNanos;
    private final AtomicReferenceArray<@Nullable Slot> slots = new AtomicReferenceArray<>(SLOTS + 1);

    /**
     * The last minute.
     *
     * @param requests answered
     * @param failed of them with a status from 500 on
     * @param seconds how long this was; less than a minute soon after the start
     * @param micros how long they took, in µs
     */
    public record Minute(long requests, long failed, double seconds, Histogram micros) {
        public double perSecond() {
            return requests / seconds;
        }

        /** Of all, from 0 to 1. */
        public double failedShare() {
            return requests == 0 ? 0 : (double) failed / requests;
        }

        /** So many percent were answered within this time, in ms; 0 where there were none. */
        public double millisAt(double percentile) {
            return requests == 0 ? 0 : micros.getValueAtPercentile(percentile) / 1000.0;
        }
    }

    private record Slot(long number, AtomicHistogram micros, LongAdder failed) {
        static Slot of(long number) {
            return new Slot(number, new AtomicHistogram(LONGEST_MICROS, DIGITS), new LongAdder());
        }
    }

    /** @param nanoTime the time that passes, as {@link System#nanoTime()} */
    public RecentRequests(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.bornNanos = nanoTime.getAsLong();
    }

    /** A request was answered. */
    public void add(int status, long tookNanos) {
        Slot slot = slotAt(age() / SLOT_NANOS);
        slot.micros.recordValue(Math.min(Math.max(0, tookNanos / 1000), LONGEST_MICROS));
        if (status >= 500) {
            slot.failed.increment();
        }
    }

    private long age() {
        return nanoTime.getAsLong() - bornNanos;
    }

    /** The slot of that number; who comes first after ten seconds puts it in the place of the oldest one. */
    private Slot slotAt(long number) {
        int place = (int) (number % slots.length());
        Slot there = slots.get(place);
        while (there == null || there.number < number) {
            slots.compareAndSet(place, there, Slot.of(number));
            there = slots.get(place);
        }
        return there;
    }

    /** The last minute as it is now. */
    public Minute lastMinute() {
        long age = age();
        long newest = age / SLOT_NANOS;
        List<Slot> recent = IntStream.range(0, slots.length())
                .mapToObj(slots::get)
                .filter(slot -> slot != null && slot.number > newest - SLOTS)
                .toList();
        Histogram all = new Histogram(LONGEST_MICROS, DIGITS);
        recent.forEach(slot -> all.add(slot.micros));
        long sinceOldest = age - Math.max(0, newest - SLOTS + 1) * SLOT_NANOS;
        return new Minute(
                all.getTotalCount(),
                recent.stream().mapToLong(slot -> slot.failed.sum()).sum(),
                Math.max(sinceOldest, 1) / 1e9,
                all);
    }
}
