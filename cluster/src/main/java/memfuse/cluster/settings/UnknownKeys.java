package memfuse.cluster.settings;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Refuses keys that nobody reads, so that a slip of the pen is not taken for a setting. */
final class UnknownKeys {
    private final ConfigObject known;
    private final List<String> knownPaths = new ArrayList<>();

    /** @param known the settings with all their defaults, from {@code memfuse} down */
    UnknownKeys(ConfigObject known) {
        this.known = known;
        collectPaths(known, "");
    }

    /** @throws SettingsException a key is unknown; with its place and the known key nearest to it */
    void refuseIn(ConfigObject given) {
        refuseIn(given, known, "");
    }

    private void refuseIn(ConfigObject given, ConfigObject knownHere, String prefix) {
        for (Map.Entry<String, ConfigValue> entry : new TreeMap<>(given).entrySet()) {
            String path = prefix + ConfigUtil.quoteString(entry.getKey()).replaceAll("^\"([\\w-]+)\"$", "$1");
            ConfigValue defaultValue = knownHere.get(entry.getKey());
            String place = " (" + entry.getValue().origin().description() + ")";
            if (defaultValue == null) {
                throw new SettingsException(
                        "unknown setting: " + path + place + "; the nearest known one is " + nearestTo(path));
            }
            if (defaultValue instanceof ConfigObject group) {
                if (!(entry.getValue() instanceof ConfigObject below)) {
                    throw new SettingsException(path + " is a group of settings, not a value" + place);
                }
                refuseIn(below, group, path + ".");
            }
        }
    }

    private void collectPaths(ConfigObject object, String prefix) {
        for (Map.Entry<String, ConfigValue> entry : object.entrySet()) {
            String path = prefix + entry.getKey();
            knownPaths.add(path);
            if (entry.getValue() instanceof ConfigObject below) {
                collectPaths(below, path + ".");
            }
        }
    }

    private String nearestTo(String path) {
        String plain = plain(path);
        return knownPaths.stream()
                .filter(candidate -> !candidate.equals("memfuse"))
                .min(Comparator.comparingInt((String candidate) -> distance(plain, plain(candidate)))
                        .thenComparing(Comparator.naturalOrder()))
                .orElseThrow();
    }

    private static String plain(String path) {
        return path.toLowerCase(java.util.Locale.ROOT).replace('_', '-').replace("\"", "");
    }

    /** Levenshtein's distance: letters to add, take away or replace. */
    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[other.length()];
    }
}
