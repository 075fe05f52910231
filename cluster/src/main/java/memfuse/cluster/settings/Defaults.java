package memfuse.cluster.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigResolver;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What {@code reference.conf} says below {@code memfuse}: the defaults, and the environment names that replace them. */
final class Defaults {
    private static final String FROM_ENVIRONMENT = "environment ";

    private final Config reference = ConfigFactory.parseResources(Defaults.class.getClassLoader(), "reference.conf")
            .withOnlyPath("memfuse");

    /** Ours and the libraries', with substitutions that still look into no environment. */
    static Config unresolved() {
        return ConfigFactory.defaultReferenceUnresolved(Defaults.class.getClassLoader());
    }

    /** The defaults of all keys, whatever the environment says. */
    Config values() {
        return reference.resolve(withEnvironment(name -> null));
    }

    /** The keys the environment sets; an empty value sets nothing. */
    Config setBy(Map<String, String> environment) {
        return onlyFromEnvironment(reference.resolve(withEnvironment(environment::get)));
    }

    /** The environment names and the keys they set. */
    SortedMap<String, String> environmentNames() {
        SortedMap<String, String> names = new TreeMap<>();
        for (Map.Entry<String, ConfigValue> entry : onlyFromEnvironment(
                        reference.resolve(withEnvironment(name -> name)))
                .entrySet()) {
            names.put(String.valueOf(entry.getValue().unwrapped()), entry.getKey());
        }
        return names;
    }

    /** Substitutions look into an environment that is given, not into that of this process. */
    static ConfigResolveOptions withEnvironment(UnaryOperator<@Nullable String> environment) {
        return ConfigResolveOptions.defaults()
                .setUseSystemEnvironment(false)
                .appendResolver(new Environment(environment));
    }

    private static Config onlyFromEnvironment(Config resolved) {
        Config set = ConfigFactory.empty();
        for (Map.Entry<String, ConfigValue> entry : resolved.entrySet()) {
            if (entry.getValue().origin().description().startsWith(FROM_ENVIRONMENT)) {
                set = set.withValue(entry.getKey(), entry.getValue());
            }
        }
        return set;
    }

    private record Environment(UnaryOperator<@Nullable String> values) implements ConfigResolver {
        @Override
        public @Nullable ConfigValue lookup(String name) {
            String value = values.apply(name);
            return value == null || value.isEmpty()
                    ? null
                    : ConfigValueFactory.fromAnyRef(value, FROM_ENVIRONMENT + name);
        }

        @Override
        public ConfigResolver withFallback(ConfigResolver fallback) {
            return this;
        }
    }
}
