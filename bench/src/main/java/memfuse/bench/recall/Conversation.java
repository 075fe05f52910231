package memfuse.bench.recall;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** A conversation of several sessions with questions about it, as LoCoMo writes them. */
record Conversation(String id, List<Turn> turns, List<Question> questions) {
    /**
     * What someone said; the caption of a picture belongs to the text.
     *
     * @param id as the questions' evidence names it
     * @param session number of the session, from 1
     * @param number number in the session, from 1
     */
    record Turn(String id, int session, int number, String speaker, String text, Instant saidAt) {}

    /**
     * @param evidence ids of the turns that answer it, at least one
     */
    record Question(String text, Category category, Set<String> evidence) {}

    /** The kinds of questions, in the order of their numbers in the data, from 1. */
    enum Category {
        MULTI_HOP,
        TEMPORAL,
        OPEN_DOMAIN,
        SINGLE_HOP,
        ADVERSARIAL
    }

    /** Some evidence names several turns in one string. */
    private static final Pattern SEVERAL_IDS = Pattern.compile("[;,\\s]+");

    private static final DateTimeFormatter DATE = new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .appendPattern("h:mm a 'on' d MMMM, yyyy")
            .toFormatter(Locale.ENGLISH);

    static List<Conversation> read(File file) throws IOException {
        List<Conversation> conversations = new ArrayList<>();
        for (JsonNode sample : new ObjectMapper().readTree(file)) {
            conversations.add(new Conversation(
                    sample.path("sample_id").asText(),
                    turns(sample.path("conversation")),
                    questions(sample.path("qa"))));
        }
        return conversations;
    }

    private static List<Turn> turns(JsonNode conversation) {
        List<Turn> turns = new ArrayList<>();
        for (int session = 1; conversation.has("session_" + session + "_date_time"); session++) {
            Instant start = LocalDateTime.parse(
                            conversation
                                    .path("session_" + session + "_date_time")
                                    .asText(),
                            DATE)
                    .toInstant(ZoneOffset.UTC);
            int number = 0;
            for (JsonNode turn : conversation.path("session_" + session)) {
                String text = turn.path("text").asText();
                if (turn.hasNonNull("blip_caption")) {
                    text += " " + turn.path("blip_caption").asText();
                }
                number++;
                turns.add(new Turn(
                        turn.path("dia_id").asText(),
                        session,
                        number,
                        turn.path("speaker").asText(),
                        text,
                        start.plusSeconds(number)));
            }
        }
        return turns;
    }

    private static List<Question> questions(JsonNode qa) {
        List<Question> questions = new ArrayList<>();
        for (JsonNode question : qa) {
            Set<String> evidence = new LinkedHashSet<>();
            for (JsonNode ids : question.path("evidence")) {
                SEVERAL_IDS
                        .splitAsStream(ids.asText())
                        .filter(id -> !id.isEmpty())
                        .forEach(evidence::add);
            }
            if (!evidence.isEmpty()) {
                Category category = Category.values()[question.path("category").asInt() - 1];
                questions.add(new Question(question.path("question").asText(), category, evidence));
            }
        }
        return questions;
    }
}
