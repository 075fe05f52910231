package memfuse.actors.extraction;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Cuts a message into the statements that patterns are tried on. */
final class Sentences {
    private static final Pattern SENTENCE_END = Pattern.compile("(?<=[.!?…])\\s+|\\s*[\\r\\n]+\\s*");

    /** "I am a nurse and I live in Porto - a fine town" says several things. */
    private static final Pattern CLAUSE_END = Pattern.compile(
            "\\s*[,;]?\\s+(?:and|but|so)\\s+(?=(?:I|we|my)\\b)|\\s*;\\s+|\\s+[-–—]+\\s+|—", Pattern.CASE_INSENSITIVE);

    /** What says nothing: "Well, actually, I …". */
    private static final Pattern LEAD_IN = Pattern.compile(
            "^(?:(?:well|oh|ah|yeah|yes|yep|no|nope|hey|hi|hello|wow|haha|lol|ok|okay|thanks|sure|actually|honestly|anyway"
                    + "|also|and|but|so|btw|by the way|in fact|to be honest|as for me|fun fact)\\b[,:!.]*\\s+){1,4}",
            Pattern.CASE_INSENSITIVE);

    /** Words that make a statement something else than one: wishes, guesses, jokes, what others say. */
    private static final Pattern NOT_STATED = Pattern.compile(
            "\\b(?:if|unless|wish|imagine|pretend|suppose|would|could|should|might|maybe|perhaps|probably|kidding|joking"
                    + "|dream(?:t|ed)?|as though|used to|said|says|told)\\b|[\"“”«»]|\\bI'd\\b",
            Pattern.CASE_INSENSITIVE);

    /** "I …", "my …", and "last week we …". */
    private static final Pattern SPEAKER_FIRST = Pattern.compile(
            "^(?:[\\w\\s,]{3,40}?,?\\s+(?:I|we)|I|we|my|call me|you can call me)\\b", Pattern.CASE_INSENSITIVE);

    private Sentences() {}

    /**
     * A statement of a message.
     *
     * @param sentence the whole sentence it stands in, as it was written
     * @param clause what is stated, without what leads to it and without its end mark
     */
    record Statement(String sentence, String clause) {}

    /** The statements of a text in order; no questions, and nothing that is only wished or guessed. */
    static List<Statement> statements(String text) {
        List<Statement> statements = new ArrayList<>();
        for (String sentence : SENTENCE_END.split(plain(text), -1)) {
            if (sentence.isBlank() || sentence.stripTrailing().endsWith("?")) {
                continue;
            }
            for (String clause : CLAUSE_END.split(sentence, -1)) {
                String stated = LEAD_IN.matcher(clause.strip()).replaceFirst("").replaceFirst("[\\s.!…]+$", "");
                if (!stated.isEmpty() && !NOT_STATED.matcher(stated).find() && beginsWithSpeaker(stated)) {
                    statements.add(new Statement(sentence.strip(), stated));
                }
            }
        }
        return statements;
    }

    private static String plain(String text) {
        return text.strip().replace('’', '\'').replaceAll("[ \\t\u00a0]+", " ");
    }

    private static boolean beginsWithSpeaker(String stated) {
        return SPEAKER_FIRST.matcher(stated).find();
    }
}
