package memfuse.persistence.store;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** Names that are not taken yet: the wished one, or the first of {@code name (2)}, {@code name (3)}, … */
final class FreeNames {
    /** Characters that a name may have. */
    private static final int MAX_LENGTH = 255;

    private final Set<String> taken;

    FreeNames(Collection<String> taken) {
        this.taken = new HashSet<>(taken);
    }

    String take(String wished) {
        String name = wished;
        for (int number = 2; !taken.add(name); number++) {
            String suffix = " (" + number + ")";
            name = start(wished, MAX_LENGTH - suffix.length()) + suffix;
        }
        return name;
    }

    private static String start(String text, int maxCharacters) {
        return text.codePointCount(0, text.length()) <= maxCharacters
                ? text
                : text.substring(0, text.offsetByCodePoints(0, maxCharacters));
    }
}
