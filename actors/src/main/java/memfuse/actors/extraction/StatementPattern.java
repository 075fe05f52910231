package memfuse.actors.extraction;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A form in which people state something of themselves, and what it states.
 *
 * @param form found at the beginning of a clause
 * @param read what the form states, once for each thing that it names
 */
record StatementPattern(Pattern form, Function<MatchResult, List<Stated>> read) {
    /**
     * What a statement says of its speaker.
     *
     * @param slot see {@link memfuse.protocol.facts.ExtractedFact#slot()}
     */
    record Stated(String predicate, String object, String slot, double confidence) {
        /** Of which the speaker has one at a time. */
        static Stated only(String predicate, String object, double confidence) {
            return new Stated(predicate, object, predicate, confidence);
        }

        /** Of which the speaker may have several. */
        static Stated oneOfMany(String predicate, String object, double confidence) {
            return new Stated(predicate, object, predicate + " " + object, confidence);
        }
    }

    /** Between the subject and the verb. */
    private static final String ADVERBS =
            "(?:(?:really|absolutely|just|also|still|always|actually|currently|now|totally"
                    + "|truly|personally|especially|definitely|usually|recently|finally|originally|both)\\s+){0,3}";

    /** A name of a person, place or company: words with capital letters. */
    private static final String NAME = "((?:the\\s+)?(?-i:\\p{Lu}[\\p{L}\\d'.&-]*)"
            + "(?:\\s+(?:(?:of|de|da|do|del|la|le|upon)\\s+)?(?-i:\\p{Lu}[\\p{L}\\d'.&-]*)){0,3})";

    /** A few words without a break. */
    private static final String WORDS = "([\\p{L}\\d][\\p{L}\\d'-]*(?:\\s+[\\p{L}\\d][\\p{L}\\d'-]*){0,5}?)";

    /** Where what is stated ends. */
    private static final String END =
            "(?=\\s*(?:$|[,.;:!)(]|\\s-|–|—)|\\s+(?:and|but|with|because|since|for|now|right now"
                    + "|these days|at the moment|so|where|which|who|when|while|as|though|although|too|a lot|so much|very much"
                    + "|lately|again|in case|more than anything)\\b)";

    /** What is liked is told in more words, and "and" may be one of them. */
    private static final String LIKED = "([\\p{L}\\d][\\p{L}\\d'-]*(?:\\s+[\\p{L}\\d][\\p{L}\\d'-]*){0,8}?)";

    private static final String LIKED_END = END.replace("and|but|with|", "but|");

    /** The end of a list, where commas and "and" are a part of it. */
    private static final String LIST_END = "(?=\\s*(?:$|[.;:!)(]|–|—)|,?\\s+(?:but|because|since|so|which|when)\\b)";

    /** Where a name ends: "I moved to Lisbon in May". */
    private static final String NAME_END = "(?:(?<!'s)(?=\\s+(?-i:\\p{Ll}))|" + END + ")";

    private static final String OCCUPATIONS =
            "(?:registered |retired |freelance |professional |primary school |high school "
                    + "|software |civil |mechanical |electrical |data |graphic |web |social )?(?:accountant|actor|actress|analyst"
                    + "|architect|artist|attorney|baker|barista|biologist|carpenter|chef|chemist|cook|counselor|dancer|dentist"
                    + "|designer|developer|doctor|driver|economist|editor|electrician|engineer|farmer|firefighter|gardener"
                    + "|hairdresser|historian|illustrator|journalist|lawyer|librarian|machinist|mechanic|midwife|musician|nurse"
                    + "|nutritionist|painter|paramedic|pharmacist|photographer|physicist|physiotherapist|pilot|plumber|programmer"
                    + "|psychologist|researcher|sailor|scientist|singer|social worker|student|surgeon|teacher|technician|therapist"
                    + "|tour guide|translator|vet|veterinarian|waiter|waitress|worker|writer)";

    private static final String WAYS_OF_LIFE =
            "(?:vegetarian|vegan|pescatarian|lactose intolerant|gluten intolerant|diabetic|colou?r-?blind|left-handed|deaf"
                    + "|a vegetarian|a vegan|a pescatarian)";

    private static final String RELATIVES = "(wife|husband|partner|girlfriend|boyfriend|fiancé|fiancée|mother|mom|mum"
            + "|father|dad|boss|son|daughter|brother|sister|grandmother|grandfather|grandma|grandpa|dog|cat|puppy|kitten"
            + "|horse|parrot|rabbit|hamster|best friend|roommate|flatmate|neighbor|neighbour)";

    /** What only means something where it is said: "I love it", "I like the idea". */
    private static final Pattern NEEDS_CONTEXT = Pattern.compile(
            "^to$|^(?:it|that|this|these|those|them|him|her|you|your|yours|he|she|they|us|me|one|ones|some|any|all|both|everything"
                    + "|anything|something|nothing|everyone|how|what|when|where|who|whatever|the|his|their|its|our|to be"
                    + "|to see|to hear|to know|to say|to think|being|seeing|hearing|having)\\b|\\b(?:you|your|yours|it"
                    + "|that|this|these|those|them)\\b",
            Pattern.CASE_INSENSITIVE);

    static final List<StatementPattern> ALL = List.of(
            only("name", "(?:my name(?:'s| is)|call me|you can call me)\\s+" + NAME),
            named("lives in", "I(?:'m| am)?\\s+" + ADVERBS + "(?:live|living|reside|based)\\s+in\\s+" + NAME),
            named("lives in", "(?:I|we)(?:'ve| have)?\\s+" + ADVERBS + "moved\\s+to\\s+" + NAME),
            only("is from", "I(?:'m| am| come)\\s+" + ADVERBS + "from\\s+" + NAME),
            named(
                    "was born in",
                    "I\\s+was\\s+born\\s+in\\s+(?!January|February|March|April|May|June|July|August"
                            + "|September|October|November|December)" + NAME),
            named("grew up in", "I\\s+grew\\s+up\\s+in\\s+" + NAME),
            named("works at", "I(?:'m)?\\s+" + ADVERBS + "(?:work|working)\\s+(?:at|for)\\s+" + NAME),
            named(
                    "works at",
                    "I(?:'ve| have)?\\s+" + ADVERBS + "(?:started|got)\\s+(?:working|a (?:new )?job)\\s+(?:at|for)\\s+"
                            + NAME),
            only("works as", "I(?:'m)?\\s+" + ADVERBS + "(?:work|working)\\s+as\\s+an?\\s+" + WORDS),
            only("works as", "I(?:'m| am)\\s+" + ADVERBS + "an?\\s+(" + OCCUPATIONS + ")"),
            many("is", "I(?:'m| am)\\s+" + ADVERBS + "(" + WAYS_OF_LIFE + ")"),
            only("age", "I(?:'m| am)\\s+" + ADVERBS + "(\\d{1,3})\\s+years?\\s+old"),
            only("marital status", "I(?:'m| am)\\s+" + ADVERBS + "(married|single|divorced|engaged|widowed)"),
            only(
                    "birthday",
                    "my\\s+birthday\\s+is\\s+(?:on\\s+)?((?:the\\s+)?\\d{1,2}(?:st|nd|rd|th)?\\s+(?:of\\s+)?"
                            + "\\p{Lu}\\p{L}+|\\p{Lu}\\p{L}+\\s+\\d{1,2}(?:st|nd|rd|th)?)"),
            pattern(
                    "my\\s+(?:all-time\\s+|absolute\\s+)?favou?rite\\s+([\\p{L}][\\p{L} -]{1,30}?)\\s+(?:is|are)\\s+"
                            + WORDS,
                    match -> ofContext(match.group(2))
                            ? List.of()
                            : List.of(Stated.only(
                                    "favourite " + match.group(1).toLowerCase(Locale.ROOT), match.group(2), 0.9))),
            pattern(
                    "my\\s+" + RELATIVES + "(?:'s\\s+name\\s+is|\\s+is\\s+(?:called|named))\\s+" + NAME,
                    StatementPattern::relative),
            pattern(
                    "(?:I|we)(?:'ve got|\\s+have|\\s+got)?\\s+(?:an?|two|one)\\s+(?:[\\p{L}-]+\\s+)?" + RELATIVES
                            + "\\s+(?:called|named)\\s+" + NAME,
                    StatementPattern::relative),
            pattern(
                    "I(?:'m| am)\\s+" + ADVERBS + "(?:severely\\s+)?allergic\\s+to\\s+([\\p{L}][\\p{L} ,'-]{1,60}?)"
                            + LIST_END,
                    match -> each("is allergic to", match.group(1), 0.95)),
            pattern(
                    "I\\s+(?:can't|cannot|don't|do not|never)\\s+(eat|drink)\\s+" + WORDS,
                    match -> ofContext(match.group(2))
                            ? List.of()
                            : each("does not " + match.group(1).toLowerCase(Locale.ROOT), match.group(2), 0.85)),
            pattern(
                    "I\\s+" + ADVERBS
                            + "speak\\s+(?:fluent\\s+)?((?-i:\\p{Lu})\\p{L}+(?:(?:,\\s+and\\s+|,\\s+|\\s+and\\s+)"
                            + "(?-i:\\p{Lu})\\p{L}+){0,5})",
                    match -> each("speaks", match.group(1), 0.9)),
            preference("likes", "I\\s+" + ADVERBS + "(?:love|like|enjoy|adore)\\s+"),
            preference(
                    "likes",
                    "I(?:'m| am)\\s+" + ADVERBS + "(?:into|fond of|an?\\s+(?:big|huge|great)\\s+fan\\s+of)\\s+"),
            preference("dislikes", "I\\s+" + ADVERBS + "(?:hate|dislike|detest|can't stand|cannot stand)\\s+"),
            preference("dislikes", "I\\s+(?:really\\s+)?(?:don't|do not)\\s+(?:really\\s+)?(?:like|enjoy)\\s+"),
            pattern(
                    "I\\s+" + ADVERBS + "prefer\\s+" + WORDS + "\\s+(?:to|over)\\s+" + WORDS,
                    match -> ofContext(match.group(1)) || ofContext(match.group(2))
                            ? List.of()
                            : List.of(Stated.oneOfMany("prefers", match.group(1) + " over " + match.group(2), 0.85))));

    private static StatementPattern pattern(String form, Function<MatchResult, List<Stated>> read) {
        return endingAt(END, form, read);
    }

    private static StatementPattern endingAt(String end, String form, Function<MatchResult, List<Stated>> read) {
        return new StatementPattern(Pattern.compile(form + end, Pattern.CASE_INSENSITIVE), read);
    }

    private static StatementPattern only(String predicate, String form) {
        return pattern(form, match -> List.of(Stated.only(predicate, match.group(1), 0.9)));
    }

    /** Of one name, whatever follows it. */
    private static StatementPattern named(String predicate, String form) {
        return endingAt(NAME_END, form, match -> List.of(Stated.only(predicate, match.group(1), 0.9)));
    }

    private static StatementPattern many(String predicate, String form) {
        return pattern(
                form,
                match -> List.of(Stated.oneOfMany(predicate, match.group(1).replaceFirst("^a ", ""), 0.9)));
    }

    /** To like something and to dislike it exclude each other. */
    private static StatementPattern preference(String predicate, String form) {
        return endingAt(LIKED_END, form + LIKED, match -> {
            String what = match.group(1);
            return ofContext(what) ? List.of() : List.of(new Stated(predicate, what, "preference " + plain(what), 0.8));
        });
    }

    private static String plain(String what) {
        return what.toLowerCase(Locale.ROOT).replaceFirst("^(?:to|an?) ", "");
    }

    private static boolean ofContext(String words) {
        return NEEDS_CONTEXT.matcher(words).find();
    }

    private static List<Stated> relative(MatchResult match) {
        String relative = match.group(1).toLowerCase(Locale.ROOT);
        boolean one = List.of(
                        "wife",
                        "husband",
                        "partner",
                        "girlfriend",
                        "boyfriend",
                        "mother",
                        "mom",
                        "mum",
                        "father",
                        "dad")
                .contains(relative);
        return List.of(
                one
                        ? Stated.only("name of " + relative, match.group(2), 0.9)
                        : Stated.oneOfMany("name of " + relative, match.group(2), 0.9));
    }

    private static List<Stated> each(String predicate, String list, double confidence) {
        return Stream.of(list.split("\\s*,\\s*(?:and\\s+|or\\s+)?|\\s+(?:and|or)\\s+", -1))
                .map(String::strip)
                .filter(item -> !item.isEmpty() && item.split(" ", -1).length <= 3 && !ofContext(item))
                .map(item -> Stated.oneOfMany(predicate, item, confidence))
                .toList();
    }

    /** What the clause states in this form; nothing where it has another one. */
    List<Stated> in(String clause) {
        Matcher matcher = form.matcher(clause);
        return matcher.lookingAt() ? read.apply(matcher.toMatchResult()) : List.of();
    }
}
