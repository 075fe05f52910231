package memfuse.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar that is handed out: it runs on its own, and everything that its parts bring is in it. */
class ExecutableJarIT {
    private static final Path JAR = Path.of(Objects.requireNonNull(System.getProperty("memfuse.jar"), "memfuse.jar"));
    private static final String NOT_IN_THE_PRODUCT =
            ".*(testkit|junit|jupiter|surefire|failsafe|archunit|assertj|opentest4j|apiguardian|byte-buddy"
                    + "|fabric8|vertx|netty|bouncycastle).*";

    @TempDir
    Path directory;

    @Test
    void saysItsVersionAndNothingElse() throws Exception {
        Ended ended = run("--version");

        assertThat(ended.output()).matches("MemFuse \\d+\\.\\d+\\.\\d+\\S*( \\(\\w+\\))?\\R");
        assertThat(ended.errors()).isEmpty();
        assertThat(ended.status()).isZero();
    }

    @Test
    void saysInOneLineWhyItDoesNotStart() throws Exception {
        Ended ended = run("--port", "99999");

        assertThat(ended.errors())
                .isEqualTo("memfuse: memfuse.http.port must be 0 to 65535: memfuse.http.port=99999 (command line)"
                        + System.lineSeparator());
        assertThat(ended.output()).isEmpty();
        assertThat(ended.status()).isEqualTo(1);
    }

    @Test
    void holdsTheDefaultsOfEveryLibrary() throws Exception {
        try (URLClassLoader jar = jarAlone()) {
            Config merged = ConfigFactory.parseResources(jar, "reference.conf").resolve();
            Set<String> keys = keys(merged);
            List<URL> files = Collections.list(getClass().getClassLoader().getResources("reference.conf")).stream()
                    .filter(file -> !file.getPath().matches(NOT_IN_THE_PRODUCT))
                    .toList();

            assertThat(files).hasSizeGreaterThan(10);
            for (URL file : files) {
                Config one = ConfigFactory.parseURL(file, ConfigParseOptions.defaults());
                assertThat(keys)
                        .as("keys of %s", file)
                        .containsAll(keys(one.withFallback(merged).resolve()));
            }
            assertThat(merged.getString("pekko.version")).isNotEmpty();
            assertThat(merged.getString("pekko.http.version")).isNotEmpty();
        }
    }

    @Test
    void holdsEveryServiceOfEveryLibrary() throws Exception {
        Set<String> missing = new TreeSet<>();
        int libraries = 0;
        for (String library : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (library.endsWith(".jar") && !library.matches(NOT_IN_THE_PRODUCT)) {
                libraries++;
                missing.addAll(services(library));
            }
        }
        missing.removeAll(services(JAR.toString()));
        assertThat(libraries).isGreaterThan(50);
        assertThat(missing).isEmpty();
    }

    private static Set<String> keys(Config config) {
        return config.entrySet().stream().map(Map.Entry::getKey).collect(Collectors.toSet());
    }

    /** Each provider with its service. */
    private static Set<String> services(String jarFile) throws IOException {
        Set<String> services = new TreeSet<>();
        try (JarFile jar = new JarFile(jarFile)) {
            List<String> names = jar.stream()
                    .map(entry -> entry.getName())
                    .filter(name -> name.matches("META-INF/services/[^/]+"))
                    .toList();
            for (String name : names) {
                try (InputStream content = jar.getInputStream(jar.getEntry(name))) {
                    new String(content.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .map(line -> line.replaceFirst("#.*", "").strip())
                            .filter(line -> !line.isEmpty())
                            .forEach(provider -> services.add(name + ": " + provider));
                }
            }
        }
        return services;
    }

    private static URLClassLoader jarAlone() throws IOException {
        return new URLClassLoader(new URL[] {JAR.toUri().toURL()}, ClassLoader.getPlatformClassLoader());
    }

    private record Ended(int status, String output, String errors) {}

    private Ended run(String... arguments) throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        Path errors = directory.resolve("errors");
        List<String> command = Stream.concat(
                        Stream.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-jar",
                                JAR.toString()),
                        Stream.of(arguments))
                .toList();
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(Redirect.to(output.toFile()))
                .redirectError(Redirect.to(errors.toFile()));
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("MEMFUSE_") || name.equals("JAVA_TOOL_OPTIONS"));
        Process process = builder.start();
        try {
            assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("ended").isTrue();
            return new Ended(process.exitValue(), Files.readString(output), Files.readString(errors));
        } finally {
            process.destroyForcibly();
        }
    }
}
