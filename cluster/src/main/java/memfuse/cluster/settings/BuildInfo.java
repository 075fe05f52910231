package memfuse.cluster.settings;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/**
 * Which build this is.
 *
 * @param version as in the Maven modules
 * @param commit abbreviated; empty where the build knew of none
 */
public record BuildInfo(String version, String commit) {

    /** What the build wrote down. */
    public static BuildInfo read() {
        Properties build = new Properties();
        try (InputStream resource =
                Objects.requireNonNull(BuildInfo.class.getResourceAsStream("build.properties"), "build.properties")) {
            build.load(resource);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        String commit = build.getProperty("commit", "");
        return new BuildInfo(build.getProperty("version", ""), commit.startsWith("$") ? "" : commit);
    }

    @Override
    public String toString() {
        return "MemFuse " + version + (commit.isEmpty() ? "" : " (" + commit + ")");
    }
}
