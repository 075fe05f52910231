package memfuse.bench.report;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What it was measured on.
 *
 * @param load how many processes wanted a processor on average over the last minute before the run; negative where the
 *     system does not say
 */
public record Machine(String processor, int cores, long memoryBytes, String system, String java, double load) {

    /** This machine, now. */
    public static Machine current() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return new Machine(
                processorName(),
                Runtime.getRuntime().availableProcessors(),
                system.getTotalMemorySize(),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("java.vendor") + " " + System.getProperty("java.runtime.version"),
                system.getSystemLoadAverage());
    }

    private static String processorName() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d × %s, %.0f GiB, %s, JDK %s, load %.1f before the run",
                cores,
                processor,
                memoryBytes / (double) (1 << 30),
                system,
                java,
                load);
    }
}
