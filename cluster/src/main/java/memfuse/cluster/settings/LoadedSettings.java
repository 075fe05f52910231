package memfuse.cluster.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * The settings of this process, from all the places they can stand in.
 *
 * <p>Strongest first: the command line, system properties, the environment, the user's file, the defaults.
 *
 * @param config what the actor system and the libraries read; nobody reads {@code memfuse} from it again
 */
public record LoadedSettings(MemFuseSettings settings, Config config) {
    private static final String FILE_NAME = "MEMFUSE_CONFIG";

    /**
     * Reads and checks.
     *
     * @param environment names and values; an empty value sets nothing
     * @throws SettingsException something is wrong, in one line
     */
    public static LoadedSettings load(
            CommandLine.Start commandLine, Map<String, String> environment, Properties properties) {
        try {
            Defaults defaults = new Defaults();
            Config config = ConfigFactory.parseMap(commandLine.settings(), "command line")
                    .withFallback(ConfigFactory.parseProperties(
                            properties, ConfigParseOptions.defaults().setOriginDescription("system properties")))
                    .withFallback(defaults.setBy(environment))
                    .withFallback(file(commandLine, environment)
                            .map(SettingsFile::read)
                            .orElseGet(ConfigFactory::empty))
                    .withFallback(ofTheBuild())
                    .withFallback(
                            ConfigFactory.parseResources(LoadedSettings.class.getClassLoader(), "application.conf"))
                    .withFallback(Defaults.unresolved())
                    .resolve(Defaults.withEnvironment(environment::get));
            new UnknownKeys(defaults.values().root())
                    .refuseIn(config.withOnlyPath("memfuse").root());
            return new LoadedSettings(MemFuseSettings.from(config), config);
        } catch (ConfigException unusable) {
            throw new SettingsException("settings cannot be used: " + unusable.getMessage(), unusable);
        }
    }

    /** The version by which a cluster tells new nodes from old ones, and gives the new ones the users first. */
    private static Config ofTheBuild() {
        return ConfigFactory.parseMap(
                Map.of("pekko.cluster.app-version", BuildInfo.read().version()), "build");
    }

    private static Optional<Path> file(CommandLine.Start commandLine, Map<String, String> environment) {
        if (commandLine.configFile().isPresent()) {
            return commandLine.configFile();
        }
        String name = environment.getOrDefault(FILE_NAME, "");
        try {
            return name.isEmpty() ? Optional.empty() : Optional.of(Path.of(name));
        } catch (InvalidPathException notAPath) {
            throw new SettingsException(FILE_NAME + " must name a file: " + name, notAPath);
        }
    }
}
