package memfuse.cluster.settings;

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

    static MemFuseSettings defaults() {
        return new Loading().settings();
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
