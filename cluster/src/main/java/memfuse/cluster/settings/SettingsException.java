package memfuse.cluster.settings;

import org.jspecify.annotations.Nullable;

/** A start that the command line or the settings forbid; the message is one line for the person who starts it. */
public final class SettingsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SettingsException(String message) {
        super(oneLine(message));
    }

    SettingsException(String message, Throwable cause) {
        super(oneLine(message), cause);
    }

    /** The text on one line, blanks for line ends. */
    static String oneLine(@Nullable String text) {
        return text == null ? "" : text.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
