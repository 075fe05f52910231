package memfuse.cluster.settings;

import java.util.Locale;
import java.util.OptionalInt;

/**
 * Where operators and other nodes ask a node how it is.
 *
 * @param port 0: any free one; empty: nowhere
 */
public record ManagementSettings(String host, OptionalInt port) {

    static ManagementSettings from(SettingsReader management) {
        return new ManagementSettings(management.filledText("host"), port(management));
    }

    private static OptionalInt port(SettingsReader management) {
        String written = management.text("port").strip().toLowerCase(Locale.ROOT);
        if (written.equals("off") || written.equals("false")) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(management.number("port", 0, 65_535, "off or 0 to 65535"));
    }
}
