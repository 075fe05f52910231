package memfuse.bench.recall;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import memfuse.bench.recall.Conversation.Category;
import memfuse.bench.recall.Conversation.Question;
import memfuse.bench.recall.Conversation.Turn;

/**
 * Reads conversations in LoCoMo's shape: a list of
 *
 * <pre>{@code
 * {"sample_id": "…", "conversation": {"session_1_date_time": "1:56 pm on 8 May, 2023",
 *                                     "session_1": [{"speaker", "dia_id", "text", "blip_caption"?}], …},
 *  "qa": [{"question", "category": 1 to 5, "evidence": ["D1:3", …]}]}
 * }</pre>
 *
 * Evidence that names several turns in one string is split; questions without evidence and turns without a word are left
 * out. All else that is amiss is an {@link IOException} that says where.
 */
final class ConversationFile {
    private static final Pattern SESSION = Pattern.compile("session_([0-9]{1,6})");
    private static final Pattern BETWEEN_IDS = Pattern.compile("[;,\\s]+");
    private static final DateTimeFormatter DATE = new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .appendPattern("h:mm a 'on' d MMMM, yyyy")
            .toFormatter(Locale.ENGLISH);

    private final JsonNode sample;
    private final String id;

    /** Begins every complaint. */
    private final String place;

    private ConversationFile(Path file, JsonNode sample, int number) {
        this.sample = sample;
        id = sample.path("sample_id").asText("conversation-" + number);
        place = file + ", conversation " + number + " (" + id + "): ";
    }

    /** All conversations of the file; at least one of them has a question. */
    static List<Conversation> read(Path file) throws IOException {
        List<Conversation> conversations = new ArrayList<>();
        for (JsonNode sample : samples(file)) {
            conversations.add(new ConversationFile(file, sample, conversations.size() + 1).conversation());
        }
        if (conversations.stream()
                .allMatch(conversation -> conversation.questions().isEmpty())) {
            throw new IOException(file + " has no question that names its evidence");
        }
        return conversations;
    }

    private static JsonNode samples(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException("there is no file " + file);
        }
        try {
            JsonNode samples = new ObjectMapper().readTree(file.toFile());
            if (!samples.isArray() || samples.isEmpty()) {
                throw new IOException(file + " should be a list of conversations");
            }
            return samples;
        } catch (JsonProcessingException e) {
            String line =
                    e.getLocation() == null ? "" : " in line " + e.getLocation().getLineNr();
            throw new IOException(file + " is not JSON" + line + ": " + e.getOriginalMessage(), e);
        }
    }

    private Conversation conversation() throws IOException {
        return new Conversation(id, turns(), questions());
    }

    private List<Turn> turns() throws IOException {
        JsonNode conversation = sample.path("conversation");
        TreeMap<Integer, JsonNode> sessions = new TreeMap<>();
        for (Map.Entry<String, JsonNode> field : conversation.properties()) {
            Matcher name = SESSION.matcher(field.getKey());
            if (name.matches() && field.getValue().isArray()) {
                sessions.put(Integer.parseInt(name.group(1)), field.getValue());
            }
        }
        List<Turn> turns = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (Map.Entry<Integer, JsonNode> session : sessions.entrySet()) {
            Instant start = start(conversation, session.getKey());
            int number = 0;
            for (JsonNode said : session.getValue()) {
                number++;
                Turn turn = turn(said, session.getKey(), number, start);
                if (!ids.add(turn.id())) {
                    throw new IOException(place + "two turns have the dia_id " + turn.id());
                }
                if (!turn.text().isEmpty()) {
                    turns.add(turn);
                }
            }
        }
        if (turns.isEmpty()) {
            throw new IOException(place + "conversation should have lists of turns, session_1 and on");
        }
        return turns;
    }

    private Instant start(JsonNode conversation, int session) throws IOException {
        String field = "session_" + session + "_date_time";
        String text = conversation.path(field).asText();
        try {
            return LocalDateTime.parse(text, DATE).toInstant(ZoneOffset.UTC);
        } catch (DateTimeParseException e) {
            throw new IOException(
                    place + field + " should read like \"1:56 pm on 8 May, 2023\", not \"" + text + "\"", e);
        }
    }

    private Turn turn(JsonNode said, int session, int number, Instant start) throws IOException {
        String where = "turn " + number + " of session_" + session;
        String text = said.path("text").asText();
        if (said.hasNonNull("blip_caption")) {
            text += " " + said.path("blip_caption").asText();
        }
        return new Turn(
                required(said, "dia_id", where),
                session,
                number,
                required(said, "speaker", where),
                text.strip(),
                start.plusSeconds(number));
    }

    private List<Question> questions() throws IOException {
        List<Question> questions = new ArrayList<>();
        int number = 0;
        for (JsonNode asked : sample.path("qa")) {
            number++;
            Set<String> evidence = evidence(asked);
            if (!evidence.isEmpty()) {
                String where = "question " + number;
                questions.add(new Question(required(asked, "question", where), category(asked, where), evidence));
            }
        }
        return questions;
    }

    private static Set<String> evidence(JsonNode asked) {
        Set<String> evidence = new LinkedHashSet<>();
        for (JsonNode ids : asked.path("evidence")) {
            BETWEEN_IDS.splitAsStream(ids.asText()).filter(id -> !id.isEmpty()).forEach(evidence::add);
        }
        return evidence;
    }

    private Category category(JsonNode asked, String where) throws IOException {
        Category[] categories = Category.values();
        int number = asked.path("category").asInt();
        if (number < 1 || number > categories.length) {
            throw new IOException(place + where + ": category should be a number from 1 to " + categories.length
                    + ", not " + asked.path("category"));
        }
        return categories[number - 1];
    }

    private String required(JsonNode object, String field, String where) throws IOException {
        String text = object.path(field).asText().strip();
        if (text.isEmpty()) {
            throw new IOException(place + where + " has no " + field);
        }
        return text;
    }
}
