package memfuse.cluster.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The user's own settings: a file in YAML, HOCON, JSON or properties, told apart by its name's end.
 *
 * <p>What stands at its top is a root of the defaults ({@code memfuse}, or a library's such as {@code pekko}), or what
 * would stand below {@code memfuse}. The groups of {@code memfuse.buffer} may stand at the top too.
 */
final class SettingsFile {
    private static final Set<String> BUFFER_GROUPS = Set.of("round_buffer", "hybrid_buffer", "query", "performance");

    private SettingsFile() {}

    /** @throws SettingsException the file cannot be read, with its name and the line at fault */
    static Config read(Path file) {
        try {
            return rooted(parse(file).root());
        } catch (NoSuchFileException missing) {
            throw new SettingsException("no such settings file: " + file, missing);
        } catch (AccessDeniedException denied) {
            throw new SettingsException("settings file may not be read: " + file, denied);
        } catch (IOException | ConfigException.IO unreadable) {
            throw new SettingsException(
                    "settings file cannot be read: " + file + ": " + unreadable.getMessage(), unreadable);
        } catch (ConfigException malformed) {
            throw new SettingsException("settings file is malformed: " + malformed.getMessage(), malformed);
        }
    }

    private static Config parse(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException("it is a directory");
        }
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        if (name.endsWith(".yaml") || name.endsWith(".yml")) {
            return YamlSettings.parse(file);
        }
        if (name.endsWith(".conf") || name.endsWith(".json") || name.endsWith(".properties")) {
            Files.newInputStream(file).close();
            return ConfigFactory.parseFile(file.toFile());
        }
        throw new SettingsException("settings file must end in .yaml, .yml, .conf, .json or .properties: " + file);
    }

    private static Config rooted(ConfigObject top) {
        Set<String> roots = Defaults.unresolved().root().keySet();
        Config rooted = ConfigFactory.empty();
        for (Map.Entry<String, ConfigValue> entry : top.entrySet()) {
            String key = entry.getKey();
            Config one = entry.getValue().atKey(key);
            Config placed =
                    roots.contains(key) ? one : one.atPath(BUFFER_GROUPS.contains(key) ? "memfuse.buffer" : "memfuse");
            rooted = placed.withFallback(rooted);
        }
        return rooted;
    }
}
