package memfuse.protocol.memory;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Optional;

/** Who speaks in a message, as in chat formats. */
public enum Role {
    USER,
    ASSISTANT,
    SYSTEM;

    private final String wireName = name().toLowerCase(Locale.ROOT);

    /** The name in requests, answers, the journal and the database: {@code user}, {@code assistant}, {@code system}. */
    @JsonValue
    public String wireName() {
        return wireName;
    }

    /** The role of a wire name, or empty for any other text. */
    public static Optional<Role> parse(String wireName) {
        return switch (wireName) {
            case "user" -> Optional.of(USER);
            case "assistant" -> Optional.of(ASSISTANT);
            case "system" -> Optional.of(SYSTEM);
            default -> Optional.empty();
        };
    }

    @JsonCreator
    static Role fromWire(String wireName) {
        return parse(wireName).orElseThrow(() -> new IllegalArgumentException("unknown role: " + wireName));
    }
}
