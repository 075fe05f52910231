package memfuse.cluster.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads the keys of one group and refuses a value outside its limits with the key's full name, what is allowed, the
 * value and its place.
 */
final class SettingsReader {
    private static final Pattern PLAIN_NUMBER = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,9})?");
    private static final Set<String> SECRETS = Set.of("password", "admin-key", "api-key");
    private static final List<String> SIZE_UNITS = List.of("B", "KiB", "MiB", "GiB");

    private final Config config;
    private final String group;

    /** @param group full name of the group, e.g. {@code memfuse.http} */
    SettingsReader(Config config, String group) {
        this.config = config;
        this.group = group;
    }

    SettingsReader group(String name) {
        return new SettingsReader(config, group + "." + name);
    }

    String text(String key) {
        return read(key, "a text", Config::getString, value -> true);
    }

    String filledText(String key) {
        return read(key, "a text that is not empty", Config::getString, value -> !value.isBlank());
    }

    boolean bool(String key) {
        return read(key, "true or false", Config::getBoolean, value -> true);
    }

    int number(String key, int min, int max) {
        return number(key, min, max, min + " to " + max);
    }

    /** @param allowed what the key may be, where it may be something else too */
    int number(String key, int min, int max, String allowed) {
        return read(key, allowed, Config::getDouble, value -> value >= min && value <= max && value == Math.rint(value))
                .intValue();
    }

    double decimal(String key, int min, int max) {
        return read(key, min + " to " + max, Config::getDouble, value -> value >= min && value <= max);
    }

    /** The address of an API. */
    URI url(String key) {
        String allowed = "the http or https address of an API";
        try {
            URI url = new URI(filledText(key).strip());
            boolean usable = ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
                    && url.getHost() != null
                    && url.getQuery() == null
                    && url.getFragment() == null;
            if (usable) {
                return url;
            }
        } catch (URISyntaxException notAnAddress) {
            SettingsException refusal = refusal(key, allowed);
            refusal.initCause(notAnAddress);
            throw refusal;
        }
        throw refusal(key, allowed);
    }

    long bytes(String key, long min, long max) {
        String allowed = withUnit(min) + " to " + withUnit(max);
        return read(key, allowed, Config::getBytes, value -> value >= min && value <= max);
    }

    /** A plain number is a number of seconds, in a file as in the environment. */
    Duration duration(String key, Duration min, Duration max) {
        String allowed = withUnit(min) + " to " + withUnit(max);
        return read(
                key,
                allowed,
                SettingsReader::durationAt,
                value -> value.compareTo(min) >= 0 && value.compareTo(max) <= 0);
    }

    /** One of the texts, as it is written here; capital letters or not in the settings. */
    String oneOf(String key, String... choices) {
        String allowed = "one of " + String.join(", ", choices);
        String text = read(key, allowed, Config::getString, value -> true);
        return Stream.of(choices)
                .filter(text.strip()::equalsIgnoreCase)
                .findFirst()
                .orElseThrow(() -> refusal(key, allowed));
    }

    /** What to throw when the value of a key is not what the caller needs. */
    SettingsException refusal(String key, String allowed) {
        String path = group + "." + key;
        ConfigValue value = config.getValue(path);
        Object shown = SECRETS.contains(key) ? "***" : value.unwrapped();
        return new SettingsException(path + " must be " + allowed + ": " + path + "=" + shown + " ("
                + value.origin().description() + ")");
    }

    private interface Reading<T> {
        T at(Config config, String path);
    }

    private <T> T read(String key, String allowed, Reading<T> reading, Predicate<T> fits) {
        T value;
        try {
            value = reading.at(config, group + "." + key);
        } catch (ConfigException.Missing missing) {
            throw new SettingsException(group + "." + key + " must be " + allowed + ", not null", missing);
        } catch (ConfigException unreadable) {
            SettingsException refusal = refusal(key, allowed);
            refusal.initCause(unreadable);
            throw refusal;
        }
        if (!fits.test(value)) {
            throw refusal(key, allowed);
        }
        return value;
    }

    private static Duration durationAt(Config config, String path) {
        ConfigValue value = config.getValue(path);
        String written = String.valueOf(value.unwrapped()).strip();
        boolean plainNumber =
                value.valueType() == ConfigValueType.NUMBER || value.valueType() == ConfigValueType.STRING;
        if (plainNumber && PLAIN_NUMBER.matcher(written).matches()) {
            return Duration.ofNanos(new BigDecimal(written).movePointRight(9).longValue());
        }
        return config.getDuration(path);
    }

    private static String withUnit(long bytes) {
        long size = bytes;
        int unit = 0;
        while (size % 1024 == 0 && unit < SIZE_UNITS.size() - 1) {
            size /= 1024;
            unit++;
        }
        return size + " " + SIZE_UNITS.get(unit);
    }

    private static String withUnit(Duration duration) {
        if (duration.isZero()) {
            return "0s";
        }
        return duration.toString().substring(2).toLowerCase(Locale.ROOT);
    }
}
