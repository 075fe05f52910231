package memfuse.bench.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Which processors this process runs on. */
final class Processors {
    private Processors() {}

    /**
     * Keeps all threads of this process to these.
     *
     * @param list as {@code taskset} takes it, e.g. {@code 1} or {@code 0,2-3}
     */
    static void keepTo(String list) throws IOException, InterruptedException {
        Process taskset = new ProcessBuilder(
                        "taskset",
                        "-a",
                        "-c",
                        "-p",
                        list,
                        Long.toString(ProcessHandle.current().pid()))
                .redirectErrorStream(true)
                .start();
        String said = new String(taskset.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (taskset.waitFor() != 0) {
            throw new IOException("cannot keep to processors " + list + ": " + said);
        }
    }
}
