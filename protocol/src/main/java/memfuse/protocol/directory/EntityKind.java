package memfuse.protocol.directory;

import java.util.Locale;

/** The two kinds of named entities. */
public enum EntityKind {
    USER("User"),
    AGENT("Agent");

    private final String displayName;

    EntityKind(String displayName) {
        this.displayName = displayName;
    }

    /** As written in texts: {@code User}, {@code Agent}. */
    public String displayName() {
        return displayName;
    }

    /** As written in bodies and paths: {@code user}, {@code agent}. */
    public String wireName() {
        return displayName.toLowerCase(Locale.ROOT);
    }
}
