package memfuse.actors.extraction;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.Month;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import memfuse.actors.extraction.DateExpression.Direction;
import org.jspecify.annotations.Nullable;

/**
 * Finds the days that an English text names, in relation to the day on which it was said: "last Saturday", "two weeks
 * ago", "in June".
 *
 * <p>Weeks begin on Monday. Some weeks ago are the seven days around that day, some months or years ago the whole month or
 * year. What is said to be about then ("almost a year ago") or could be one day as well as another is not found.
 */
final class DateExpressions {
    private static final String COUNT = "(\\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)";
    private static final List<String> COUNTS = List.of(
            "", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve");
    private static final String WEEKDAY = "(monday|tuesday|wednesday|thursday|friday|saturday|sunday)";

    /** March and May are also other words, and months only with a capital letter. */
    private static final String MONTH =
            "(january|february|(?-i:March|MARCH)|april|(?-i:May|MAY)|june|july|august|september|october|november|december)";

    private static final String DAY = "(\\d{1,2})(?:st|nd|rd|th)?";
    private static final String YEAR = "((?:19|20)\\d\\d)";
    private static final String PART_OF_DAY = "(?:\\s+(?:morning|afternoon|evening|night))?";

    private static final List<Rule> RULES = List.of(
            new Rule(
                    "(\\d{4})-(\\d{2})-(\\d{2})",
                    (match, said, to) -> day(number(match, 1), number(match, 2), number(match, 3))),
            new Rule(
                    "(?:on\\s+)?" + MONTH + "\\s+" + DAY + "(?:,?\\s+" + YEAR + ")?",
                    (match, said, to) -> dayOfMonth(month(match.group(1)), number(match, 2), match.group(3), said, to)),
            new Rule(
                    "(?:on\\s+)?(?:the\\s+)?" + DAY + "\\s+(?:of\\s+)?" + MONTH + "(?:,?\\s+" + YEAR + ")?",
                    (match, said, to) -> dayOfMonth(month(match.group(2)), number(match, 1), match.group(3), said, to)),
            new Rule(
                    "(?:back\\s+)?in\\s+" + MONTH + "(?:\\s+of)?,?\\s+" + YEAR,
                    (match, said, to) -> Days.of(YearMonth.of(number(match, 2), month(match.group(1))))),
            new Rule(
                    "(last|this|next|(?:back\\s+)?in)\\s+" + MONTH,
                    (match, said, to) -> namedMonth(match.group(1), month(match.group(2)), said, to)),
            new Rule("(?:back\\s+)?in\\s+" + YEAR, (match, said, to) -> Days.ofYear(number(match, 1))),
            new Rule("(?:the\\s+)?day\\s+before\\s+yesterday", (match, said, to) -> Days.of(said.minusDays(2))),
            new Rule("(?:the\\s+)?day\\s+after\\s+tomorrow", (match, said, to) -> Days.of(said.plusDays(2))),
            new Rule("(?:yesterday" + PART_OF_DAY + "|last\\s+night)", (match, said, to) -> Days.of(said.minusDays(1))),
            new Rule("tomorrow" + PART_OF_DAY, (match, said, to) -> Days.of(said.plusDays(1))),
            new Rule(
                    "(?:earlier\\s+)?(?:today|tonight|this\\s+(?:morning|afternoon|evening))",
                    (match, said, to) -> Days.of(said)),
            new Rule(
                    COUNT + "\\s+(day|week|month|year)s?\\s+ago",
                    (match, said, to) -> shifted(said, -count(match.group(1)), match.group(2))),
            new Rule(
                    "in\\s+" + COUNT + "\\s+(day|week|month|year)s?",
                    (match, said, to) ->
                            to == Direction.FUTURE ? shifted(said, count(match.group(1)), match.group(2)) : null),
            new Rule(
                    COUNT + "\\s+(day|week|month|year)s?\\s+from\\s+(?:now|today)",
                    (match, said, to) -> shifted(said, count(match.group(1)), match.group(2))),
            new Rule(
                    "(last|this\\s+past|this|this\\s+coming|next)\\s+(week|weekend|month|year)",
                    (match, said, to) -> period(match.group(1), match.group(2), said)),
            new Rule(
                    "(last|this\\s+past|past|this|this\\s+coming|next|on)\\s+" + WEEKDAY + PART_OF_DAY,
                    (match, said, to) -> weekday(match.group(1), weekdayNumber(match.group(2)), said, to)));

    /** What makes a count of days an estimate, or is the start of something else. */
    private static final Pattern ESTIMATE = Pattern.compile(
            "(?i)(?:about|around|roughly|almost|nearly|over|under|than|every|each|until|till|since|by|before|after|early|late|mid"
                    + "|half|couple of)[\\s-]+$");

    private DateExpressions() {}

    private record Rule(Pattern pattern, Reading reading) {
        Rule(String pattern, Reading reading) {
            this(Pattern.compile("\\b" + pattern + "\\b(?!['’-]\\w)", Pattern.CASE_INSENSITIVE), reading);
        }
    }

    private interface Reading {
        /** The days that are meant, or null where that is not certain. */
        @Nullable
        Days of(MatchResult match, LocalDate said, Direction direction);
    }

    private record Days(LocalDate from, LocalDate until) {
        static Days of(LocalDate day) {
            return new Days(day, day.plusDays(1));
        }

        static Days of(YearMonth month) {
            return new Days(month.atDay(1), month.plusMonths(1).atDay(1));
        }

        static Days ofYear(int year) {
            return new Days(LocalDate.of(year, 1, 1), LocalDate.of(year + 1, 1, 1));
        }

        /** What was cannot begin later, and what will be cannot be over. */
        boolean fits(LocalDate said, Direction direction) {
            return direction == Direction.PAST ? !from.isAfter(said) : until.isAfter(said);
        }

        static Days ofWeek(LocalDate day) {
            LocalDate monday = monday(day);
            return new Days(monday, monday.plusDays(7));
        }
    }

    /** All expressions in the order of the text, none within another. */
    static List<DateExpression> find(String text, LocalDate said, Direction direction) {
        List<DateExpression> found = new ArrayList<>();
        for (Rule rule : RULES) {
            rule.pattern().matcher(text).results().forEach(match -> {
                boolean taken =
                        found.stream().anyMatch(other -> match.start() < other.end() && other.start() < match.end());
                if (!taken
                        && !ESTIMATE.matcher(text.substring(0, match.start())).find()) {
                    Days days = rule.reading().of(match, said, direction);
                    if (days != null && days.fits(said, direction)) {
                        found.add(new DateExpression(match.start(), match.end(), days.from(), days.until()));
                    }
                }
            });
        }
        found.sort((one, other) -> Integer.compare(one.start(), other.start()));
        return found;
    }

    private static @Nullable Days day(int year, int month, int day) {
        try {
            return Days.of(LocalDate.of(year, month, day));
        } catch (DateTimeException noSuchDay) {
            return null;
        }
    }

    private static @Nullable Days dayOfMonth(
            int month, int day, @Nullable String year, LocalDate said, Direction direction) {
        if (year != null) {
            return day(Integer.parseInt(year), month, day);
        }
        Days thisYear = day(said.getYear(), month, day);
        if (thisYear == null) {
            return null;
        }
        return switch (direction) {
            case PAST -> thisYear.from().isAfter(said) ? day(said.getYear() - 1, month, day) : thisYear;
            case FUTURE -> thisYear.from().isBefore(said) ? day(said.getYear() + 1, month, day) : thisYear;
        };
    }

    private static Days namedMonth(String which, int month, LocalDate said, Direction direction) {
        YearMonth now = YearMonth.from(said);
        YearMonth thisYear = YearMonth.of(said.getYear(), month);
        return Days.of(
                switch (which.toLowerCase(Locale.ROOT)) {
                    case "this" -> thisYear;
                    case "last" -> thisYear.isBefore(now) ? thisYear : thisYear.minusYears(1);
                    case "next" -> thisYear.isAfter(now) ? thisYear : thisYear.plusYears(1);
                    default ->
                        direction == Direction.PAST
                                ? (thisYear.isAfter(now) ? thisYear.minusYears(1) : thisYear)
                                : (thisYear.isBefore(now) ? thisYear.plusYears(1) : thisYear);
                });
    }

    private static Days shifted(LocalDate said, int count, String unit) {
        return switch (unit.toLowerCase(Locale.ROOT)) {
            case "day" -> Days.of(said.plusDays(count));
            case "week" ->
                new Days(
                        said.plusWeeks(count).minusDays(3),
                        said.plusWeeks(count).plusDays(4));
            case "month" -> Days.of(YearMonth.from(said).plusMonths(count));
            default -> Days.ofYear(said.getYear() + count);
        };
    }

    private static Days period(String which, String unit, LocalDate said) {
        String word = which.toLowerCase(Locale.ROOT);
        int step = word.startsWith("last") || word.endsWith("past") ? -1 : word.startsWith("next") ? 1 : 0;
        return switch (unit.toLowerCase(Locale.ROOT)) {
            case "week" -> Days.ofWeek(said.plusWeeks(step));
            case "weekend" -> weekend(said, step);
            case "month" -> Days.of(YearMonth.from(said).plusMonths(step));
            default -> Days.ofYear(said.getYear() + step);
        };
    }

    /** This weekend is that of this week; the last one is over, the next one has not begun. */
    private static Days weekend(LocalDate said, int step) {
        LocalDate saturday = monday(said).plusDays(5).plusWeeks(step);
        return new Days(saturday, saturday.plusDays(2));
    }

    private static @Nullable Days weekday(String which, int weekday, LocalDate said, Direction direction) {
        LocalDate inThisWeek = monday(said).plusDays(weekday - 1);
        LocalDate lastBefore = inThisWeek.isBefore(said) ? inThisWeek : inThisWeek.minusWeeks(1);
        LocalDate firstAfter = inThisWeek.isAfter(said) ? inThisWeek : inThisWeek.plusWeeks(1);
        String word = which.toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
        return switch (word) {
            case "last", "past", "this past" -> Days.of(lastBefore);
            case "this coming" -> Days.of(firstAfter);
            case "next" -> direction == Direction.FUTURE ? Days.of(inThisWeek.plusWeeks(1)) : null;
            case "this" -> Days.of(inThisWeek);
            default -> Days.of(direction == Direction.PAST ? lastBefore : firstAfter);
        };
    }

    private static LocalDate monday(LocalDate day) {
        return day.minusDays(day.getDayOfWeek().getValue() - 1L);
    }

    private static int number(MatchResult match, int group) {
        return Integer.parseInt(match.group(group));
    }

    private static int count(String text) {
        String word = text.toLowerCase(Locale.ROOT);
        if (Character.isDigit(word.charAt(0))) {
            return Integer.parseInt(word);
        }
        return word.startsWith("a") ? 1 : COUNTS.indexOf(word);
    }

    private static int weekdayNumber(String text) {
        return DayOfWeek.valueOf(text.toUpperCase(Locale.ROOT)).getValue();
    }

    private static int month(String text) {
        return Month.valueOf(text.toUpperCase(Locale.ROOT)).getValue();
    }
}
