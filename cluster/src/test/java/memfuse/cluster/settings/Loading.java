package memfuse.cluster.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Loads settings from made-up places. */
final class Loading {
    private final Map<String, String> environment = new HashMap<>();
    private final Map<String, String> commandLine = new HashMap<>();
    private final Properties properties = new Properties();
    private @Nullable Path file;

    private static final Config DEFAULTS = new Defaults().values();

    static MemFuseSettings defaults() {
        return MemFuseSettings.from(DEFAULTS);
    }

    /** The defaults but for one key, without the other places and the libraries. */
    static MemFuseSettings with(String key, String value) {
        return MemFuseSettings.from(
                ConfigFactory.parseMap(Map.of(key, value), "command line").withFallback(DEFAULTS));
    }

    Loading file(Path aFile) {
        file = aFile;
        return this;
    }

    Loading environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    Loading property(String key, String value) {
        properties.setProperty(key, value);
        return this;
    }

    Loading set(String key, String value) {
        commandLine.put(key, value);
        return this;
    }

    MemFuseSettings settings() {
        return load().settings();
    }

    LoadedSettings load() {
        CommandLine.Start start = new CommandLine.Start(Optional.ofNullable(file), commandLine);
        return LoadedSettings.load(start, environment, properties);
    }
}
