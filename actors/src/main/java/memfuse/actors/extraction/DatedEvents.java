package memfuse.actors.extraction;

import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import memfuse.actors.extraction.DateExpression.Direction;

/** Finds what people say they did on a day, or are going to: one verb, and one date that is certain. */
final class DatedEvents {
    private static final int MAX_WORDS = 16;
    private static final String PLANS = "plans";

    private static final String ADVERBS =
            "(?:(?:just|also|actually|finally|both|all|recently|really|even|then)\\s+){0,3}";

    private static final String PAST_VERBS =
            "(went|saw|met|bought|got|took|made|gave|ran|won|lost|began|started|finished|left"
                    + "|came|flew|drove|rode|swam|ate|drank|wrote|read|sang|taught|built|broke|caught|found|held|kept|led|sent|sold"
                    + "|spent|spoke|threw|hiked|visited|attended|joined|moved|adopted|celebrated|graduated|painted|cooked|baked|booked"
                    + "|signed up|signed|hosted|organi[sz]ed|volunteered|travel?led|camped|married|proposed|retired|quit|passed|failed"
                    + "|applied|enrolled|registered|completed|launched|opened|closed|planted|repaired|fixed|cleaned|watched|played"
                    + "|performed|presented|participated|received|ordered|picked up|dropped off|called|interviewed|tried|climbed"
                    + "|danced|returned|arrived|landed|injured|fell|sprained|donated|recorded|published|submitted|had)";

    private static final Pattern PAST =
            Pattern.compile("\\b(?:I|we)\\s+" + ADVERBS + PAST_VERBS + "\\b", Pattern.CASE_INSENSITIVE);

    private static final Pattern PLAN = Pattern.compile(
            "\\b(?:I|we)(?:'m|'re| am| are)\\s+" + ADVERBS
                    + "(going|flying|moving|getting|starting|meeting|visiting|travel?ling|leaving|having|hosting|running|taking"
                    + "|seeing|driving|returning|performing|attending|celebrating|finishing|retiring)\\b",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern APPOINTMENT = Pattern.compile(
            "\\b(?:I|we)(?:'ve got| have)\\s+((?:an?|my|our)\\s+(?:[\\p{L}-]+\\s+){0,3}(?:appointment|interview|exam|flight"
                    + "|meeting|wedding|concert|recital|surgery|trip|reservation|deadline|presentation|checkup|check-up))\\b",
            Pattern.CASE_INSENSITIVE);

    /** What says that it did not happen, or that it happens again and again. */
    private static final Pattern NOT_ONCE = Pattern.compile(
            "\\b(?:not|n't|never|almost|nearly|every|always|often|usually|sometimes|each|were going|was going)\\b|n't\\b",
            Pattern.CASE_INSENSITIVE);

    /** What may stand before "I": "Yesterday, …", "My mother and …"; not "the mug that …". */
    private static final Pattern BEFORE_SPEAKER =
            Pattern.compile("^(?:just|then|earlier|only)?$|[,:]$|\\band$", Pattern.CASE_INSENSITIVE);

    /** What is said of the event, and not of what happened: "… and it was great". */
    private static final Pattern COMMENT = Pattern.compile(
            ",?\\s+(?:and|but)\\s+(?:it|that|they|this|he|she|everyone|everybody)\\b.*$"
                    + "|,\\s+(?:it|we|they|he|she|you|I|that|which)\\b.*$",
            Pattern.CASE_INSENSITIVE);

    /** What only means something where it is said: "I made it". */
    private static final Pattern NEEDS_CONTEXT = Pattern.compile(
            "^(?:that|this|these|those|them|one)\\b|\\b(?:them|that|more|ones?)$|\\b(?:it|there)\\b",
            Pattern.CASE_INSENSITIVE);

    private DatedEvents() {}

    /**
     * Something that happens once.
     *
     * @param what the rest of the clause, without the date
     * @param from the first day on which it may be
     * @param until the day after the last one
     */
    record Event(String predicate, String what, LocalDate from, LocalDate until, double confidence) {
        boolean isPast() {
            return !predicate.equals(PLANS);
        }
    }

    /** The event of a clause that was said on this day. */
    static Optional<Event> in(String clause, LocalDate said) {
        if (NOT_ONCE.matcher(clause).find()) {
            return Optional.empty();
        }
        return find(PAST, clause, said, Direction.PAST)
                .or(() -> find(PLAN, clause, said, Direction.FUTURE))
                .or(() -> find(APPOINTMENT, clause, said, Direction.FUTURE));
    }

    private static Optional<Event> find(Pattern form, String clause, LocalDate said, Direction direction) {
        Matcher matcher = form.matcher(clause);
        if (!matcher.find()) {
            return Optional.empty();
        }
        List<DateExpression> dates = DateExpressions.find(clause, said, direction);
        if (dates.size() != 1) {
            return Optional.empty();
        }
        DateExpression date = dates.get(0);
        int end = matcher.end(1);
        String verb = matcher.group(1).toLowerCase(Locale.ROOT);
        String what = date.start() >= end
                ? clause.substring(end, date.start()) + " " + clause.substring(date.end())
                : clause.substring(end);
        String object = tidied(COMMENT.matcher(tidied(what)).replaceFirst(""));
        if (object.split(" ", -1).length > MAX_WORDS
                || NEEDS_CONTEXT.matcher(object).find()
                || (date.start() < end && date.end() > matcher.start())
                || !BEFORE_SPEAKER
                        .matcher(before(clause, matcher.start(), date))
                        .find()) {
            return Optional.empty();
        }
        if (direction == Direction.PAST) {
            return object.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Event(verb, object, date.from(), date.until(), 0.8));
        }
        String plan = tidied(verb + " " + object);
        return Optional.of(new Event(PLANS, plan, date.from(), date.until(), 0.7));
    }

    /** What stands before the speaker, but for the date. */
    private static String before(String clause, int speaker, DateExpression date) {
        String before = date.end() <= speaker
                ? clause.substring(0, date.start()) + clause.substring(date.end(), speaker)
                : clause.substring(0, speaker);
        return before.strip();
    }

    private static String tidied(String words) {
        return words.replaceAll("\\s+", " ")
                .replaceAll("\\s+([,.;!])", "$1")
                .replaceAll("^[\\s,.;:!-]+|[\\s,.;:!-]+$", "")
                .replaceFirst("(?i)[\\s,]+(?:and|but|so)$", "")
                .strip();
    }
}
