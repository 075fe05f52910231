package memfuse.persistence.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import memfuse.persistence.testing.TestServer;

/** Another JVM that owns an embedded server, to be killed. */
final class OwnerProcess implements AutoCloseable {

    private static final String READY = "server runs with pid ";

    private final Process process;
    private final long postmasterPid;

    private OwnerProcess(Process process, long postmasterPid) {
        this.process = process;
        this.postmasterPid = postmasterPid;
    }

    /** Returns when the server of the other JVM runs. */
    static OwnerProcess start(Path dataDirectory, String... parameters) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                OwnerProcess.class.getName(),
                dataDirectory.toString()));
        command.addAll(List.of(parameters));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(READY)) {
                return new OwnerProcess(process, Long.parseLong(line.substring(READY.length())));
            }
        }
        throw new IOException("the other JVM ended");
    }

    long pid() {
        return process.pid();
    }

    long postmasterPid() {
        return postmasterPid;
    }

    /** As kill -9. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }

    /** The other JVM: owns the server of a directory until it is killed. */
    public static void main(String[] arguments) throws IOException {
        EmbeddedPostgresSettings settings = EmbeddedPostgresSettings.in(Path.of(arguments[0]))
                .withDistributionDirectory(TestServer.distributionDirectory());
        for (int i = 1; i < arguments.length; i += 2) {
            settings = settings.withParameter(arguments[i], arguments[i + 1]);
        }
        System.out.println(READY + EmbeddedPostgres.start(settings).postmasterPid());
        while (System.in.read() >= 0) {
            // Until the end of the parent, should it forget to kill.
        }
        Runtime.getRuntime().halt(1);
    }
}
