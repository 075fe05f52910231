package memfuse.bench.cpu;

import java.time.Duration;

/**
 * Processor time.
 *
 * @param user in the program
 * @param kernel in the system, on the program's behalf
 */
public record CpuTime(Duration user, Duration kernel) {
    static final CpuTime NONE = new CpuTime(Duration.ZERO, Duration.ZERO);

    public Duration total() {
        return user.plus(kernel);
    }

    public CpuTime plus(CpuTime other) {
        return new CpuTime(user.plus(other.user), kernel.plus(other.kernel));
    }

    CpuTime minus(CpuTime other) {
        return new CpuTime(user.minus(other.user), kernel.minus(other.kernel));
    }
}
