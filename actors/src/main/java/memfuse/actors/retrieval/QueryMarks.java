package memfuse.actors.retrieval;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The words of a query that change its answer however little they change its embedding, in their order: numbers, months
 * and other times, negations, names, question words, pronouns, and everything an English model may not know.
 *
 * <p>"Camping in June?" and "camping in July?" have a cosine of 0.97 and other answers. Two queries ask the same only
 * where their marks are the same.
 */
final class QueryMarks {
    /** A longer text may be cut by the model, so that its vector does not tell of all of it. */
    static final int MAX_CHARS = 200;

    private static final Pattern WORD =
            Pattern.compile("[\\p{L}\\p{N}\\p{M}\\p{So}\\p{Sk}][\\p{L}\\p{N}\\p{M}\\p{So}\\p{Sk}'’]*");

    private static final String NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve thirteen"
            + " fourteen fifteen sixteen seventeen eighteen nineteen twenty";

    private static final String MONTHS =
            "january february march april may june july august september october november december";

    private static final String WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday";

    /** What is a mark as it stands. */
    private static final Set<String> MARKS = words("""
            thirty forty fifty sixty seventy eighty ninety hundred thousand million dozen half double once twice
            first second third fourth fifth last latest newest oldest next previous before after since until till ago
            earlier later now current currently former past future recently yesterday today tomorrow tonight morning noon
            afternoon evening night midnight day week weekend month year spring summer fall autumn winter
            more less most least better worse best worst only all any some every each both either other another
            who whom whose what when where which why how
            i me my mine we us our ours you your yours he him his she her hers they them their theirs it its
            """);

    private static final Set<String> NEGATIONS = words("""
            no not never none nobody nothing nowhere neither nor without except unless cannot hardly barely dont doesnt
            didnt isnt wasnt arent werent wont cant couldnt wouldnt shouldnt hasnt havent hadnt
            """);

    /** Capitalised at the beginning of a question, and yet no names. */
    private static final Set<String> BEGINNINGS = words("""
            do does did is are was were am be been has have had can could would should will shall might must
            the a an in on at of for to from with about during and or but if as by so tell give show list name describe
            explain find remind please there this that these those according
            """);

    private static final Map<String, String> CANONICAL = canonical();

    private final List<String> marks;
    private final boolean comparable;

    private QueryMarks(List<String> marks, boolean comparable) {
        this.marks = marks;
        this.comparable = comparable;
    }

    static QueryMarks of(String query) {
        if (query.length() > MAX_CHARS) {
            return new QueryMarks(List.of(), false);
        }
        List<String> marks = new ArrayList<>();
        Matcher words = WORD.matcher(query);
        while (words.find()) {
            addMark(words.group().replace('’', '\''), marks);
        }
        return new QueryMarks(List.copyOf(marks), true);
    }

    /** Whether nothing but their embeddings can tell the two queries apart. */
    boolean sameAs(QueryMarks other) {
        return comparable && other.comparable && marks.equals(other.marks);
    }

    private static void addMark(String written, List<String> marks) {
        String word = written.toLowerCase(Locale.ROOT);
        boolean negated = word.endsWith("n't");
        int apostrophe = word.indexOf('\'');
        String stem = negated || apostrophe <= 0 ? word : word.substring(0, apostrophe);
        String canonical = CANONICAL.getOrDefault(stem, stem);
        if (negated || NEGATIONS.contains(stem)) {
            marks.add("not");
        } else if (MARKS.contains(stem) || CANONICAL.containsKey(stem) || isUnusual(stem) || isName(written, stem)) {
            marks.add(canonical);
        }
    }

    private static boolean isName(String written, String stem) {
        return Character.isUpperCase(written.codePointAt(0)) && !BEGINNINGS.contains(stem);
    }

    /** Digits, and letters that an English vocabulary may have no tokens for. */
    private static boolean isUnusual(String stem) {
        return !stem.chars().allMatch(c -> c >= 'a' && c <= 'z');
    }

    private static Map<String, String> canonical() {
        Map<String, String> canonical = new HashMap<>();
        String[] numbers = NUMBERS.split(" ", -1);
        for (int i = 0; i < numbers.length; i++) {
            canonical.put(numbers[i], Integer.toString(i));
        }
        for (String name : (MONTHS + " " + WEEKDAYS).split(" ", -1)) {
            canonical.put(name, name);
            canonical.put(name.substring(0, 3), name);
        }
        canonical.put("sept", "september");
        canonical.put("tues", "tuesday");
        canonical.put("thurs", "thursday");
        canonical.remove("sun"); // shines more often than it is a day
        return Map.copyOf(canonical);
    }

    private static Set<String> words(String text) {
        return Set.of(text.strip().split("\\s+", -1));
    }
}
