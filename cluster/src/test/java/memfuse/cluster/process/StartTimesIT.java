package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How long a start takes, from the command to the ready line, with the default model: printed, not judged. */
@Tag("long")
class StartTimesIT {
    private static final int WARM_STARTS = 5;

    @RegisterExtension
    final Scene scene = new Scene();

    @Test
    void startsColdAndWarm() {
        Path data = scene.newDataDirectory().path();
        Launch launch = Launch.in(data).withEnvironment("MEMFUSE_POSTGRES_BINARIES_DIR", "");
        System.out.printf("StartTimesIT: first ever start %d ms%n", start(launch));
        List<Long> warm = new ArrayList<>();
        for (int i = 0; i < WARM_STARTS; i++) {
            warm.add(start(launch));
        }
        System.out.printf(
                "StartTimesIT: warm starts %s ms, median %d ms%n",
                warm, warm.stream().sorted().toList().get(WARM_STARTS / 2));
    }

    private long start(Launch launch) {
        ServerProcess server = scene.start(launch);
        long millis = server.age().toMillis();
        assertThat(server.terminate()).isIn(0, 143);
        return millis;
    }
}
