package memfuse.actors.retrieval;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Who speaks in a user's memory, and whom of them a query names. */
final class Speakers {
    private static final Pattern NOT_WORD = Pattern.compile("[^\\p{L}\\p{N}]+");

    private final Map<String, Speaker> speakers = new HashMap<>();

    private static final class Speaker {
        final String name;
        final List<String> words;
        final Set<String> terms;
        int units;

        Speaker(String name) {
            this.name = name;
            words = List.copyOf(words(name));
            terms = TextAnalysis.of(name).counts().keySet();
        }

        /** By the full name or by the first one. */
        boolean isNamedIn(Set<String> query) {
            return !words.isEmpty() && query.contains(words.get(0));
        }
    }

    /** Counts a unit of a speaker, and returns the name as all of that speaker's units hold it. */
    @Nullable
    String add(@Nullable String name) {
        if (name == null) {
            return null;
        }
        Speaker speaker = speakers.computeIfAbsent(name, Speaker::new);
        speaker.units++;
        return speaker.name;
    }

    void remove(@Nullable String name) {
        if (name != null) {
            Speaker speaker = speakers.get(name);
            if (speaker != null && --speaker.units == 0) {
                speakers.remove(name);
            }
        }
    }

    /** The one speaker whom the query names, or null where it names none or several. */
    @Nullable
    String onlyOneNamedIn(String query) {
        Set<String> words = new HashSet<>(words(query));
        String named = null;
        for (Speaker speaker : speakers.values()) {
            if (speaker.isNamedIn(words)) {
                if (named != null) {
                    return null;
                }
                named = speaker.name;
            }
        }
        return named;
    }

    /** Whether a term is part of a speaker's name. */
    boolean isPartOfName(String term) {
        for (Speaker speaker : speakers.values()) {
            if (speaker.terms.contains(term)) {
                return true;
            }
        }
        return false;
    }

    private static List<String> words(String text) {
        return NOT_WORD.splitAsStream(text.toLowerCase(Locale.ROOT))
                .filter(word -> !word.isEmpty())
                .toList();
    }
}
