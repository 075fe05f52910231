package memfuse.persistence.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import memfuse.persistence.server.EmbeddedPostgresException.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DistributionTest {

    @TempDir
    Path root;

    @Test
    void isUnpackedOnceHoweverManyAskAndAgainWhenAFileIsDamaged() throws Exception {
        Path abandoned = Files.createDirectories(root.resolve("unpacking-1/bin"));
        ExecutorService callers = Executors.newFixedThreadPool(3);
        try {
            List<Callable<Path>> calls = Collections.nCopies(
                    3, () -> Distribution.in(root, Platform.current()).directory());
            for (Future<Path> call : callers.invokeAll(calls)) {
                assertThat(call.get()).isEqualTo(onlyDistribution());
            }
        } finally {
            callers.shutdownNow();
        }
        assertThat(abandoned).doesNotExist();

        Path postgres = Distribution.in(root, Platform.current()).executable("postgres");
        long sizeBytes = Files.size(postgres);
        Files.write(postgres, new byte[100]);

        Distribution repaired = Distribution.in(root, Platform.current());
        assertThat(repaired.executable("postgres"))
                .isEqualTo(postgres)
                .hasSize(sizeBytes)
                .isExecutable();
        assertThat(repaired.majorVersion()).isEqualTo("18");

        Path older = Files.createDirectories(root.resolve("dist-17.1-00000000/bin"));
        repaired.removeOthers();
        assertThat(older).doesNotExist();
        assertThat(onlyDistribution()).isEqualTo(repaired.directory());
    }

    @Test
    void namesAPlatformWithoutBinaries() {
        assertThatThrownBy(() -> Distribution.in(root, Platform.of("SunOS", "sparc")))
                .isInstanceOfSatisfying(
                        EmbeddedPostgresException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED_PLATFORM))
                .hasMessage("no PostgreSQL binaries for sunos sparc; set MEMFUSE_JDBC_URL");
    }

    private Path onlyDistribution() throws IOException {
        try (Stream<Path> entries = Files.list(root)) {
            List<Path> distributions = entries.filter(Files::isDirectory).toList();
            assertThat(distributions).hasSize(1);
            return distributions.get(0);
        }
    }
}
