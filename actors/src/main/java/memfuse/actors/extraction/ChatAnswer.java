package memfuse.actors.extraction;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import memfuse.protocol.facts.ExtractedFact;
import org.jspecify.annotations.Nullable;

/**
 * What a model answered, as far as it is to be trusted.
 *
 * @param facts with evidence among the messages alone
 * @param discarded what was named as a fact and is none
 */
record ChatAnswer(List<ExtractedFact> facts, int discarded) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_FACTS = 500;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd['T'HH:mm[:ss[.SSSSSS][.SSS]][XXX][X]]");

    /** The answer is not what was asked for. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

        /** Whether the same request would be answered in the same way. */
        private final boolean lasting;

        Unusable(String message, boolean lasting) {
            super(message);
            this.lasting = lasting;
        }

        boolean lasting() {
            return lasting;
        }
    }

    /** Tokens that an answer has used up, whatever else it says. */
    record Usage(long inputTokens, long outputTokens) {}

    static Usage usage(byte[] body) {
        try {
            JsonNode usage = JSON.readTree(body).path("usage");
            return new Usage(
                    Math.max(0, usage.path("prompt_tokens").asLong()),
                    Math.max(0, usage.path("completion_tokens").asLong()));
        } catch (IOException noJson) {
            return new Usage(0, 0);
        }
    }

    /** @param byId the numbers of the messages that were given, by their ids */
    static ChatAnswer read(byte[] body, Map<String, Long> byId) throws Unusable {
        JsonNode choice = tree(body, "the answer").path("choices").path(0);
        String finish = choice.path("finish_reason").asText();
        if (finish.equals("length") || finish.equals("content_filter")) {
            throw new Unusable("the answer was cut off: finish_reason=" + finish, true);
        }
        JsonNode message = choice.path("message");
        if (message.path("refusal").isTextual()) {
            throw new Unusable("the model refused to answer", true);
        }
        if (!message.path("content").isTextual()) {
            throw new Unusable("the answer has no content", false);
        }
        String content = message.path("content").textValue();
        JsonNode facts =
                tree(content.getBytes(StandardCharsets.UTF_8), "the content").path("facts");
        if (!facts.isArray() || facts.size() > MAX_FACTS) {
            throw new Unusable("the content has no list of at most " + MAX_FACTS + " facts", false);
        }
        List<ExtractedFact> found = new ArrayList<>();
        for (JsonNode each : facts) {
            ExtractedFact fact = fact(each, byId);
            if (fact != null) {
                found.add(fact);
            }
        }
        return new ChatAnswer(found, facts.size() - found.size());
    }

    private static JsonNode tree(byte[] json, String what) throws Unusable {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new Unusable(what + " is no JSON", false);
        }
    }

    /** The fact, or null where it is none: with nothing in it, or with evidence that was never given. */
    private static @Nullable ExtractedFact fact(JsonNode json, Map<String, Long> byId) {
        List<Long> evidence = new ArrayList<>();
        for (JsonNode id : json.path("evidence")) {
            Long seq = byId.get(id.asText());
            if (seq == null) {
                return null;
            }
            evidence.add(seq);
        }
        String subject = text(json, "subject");
        String predicate = text(json, "predicate");
        String object = text(json, "object");
        String sentence = text(json, "text");
        double confidence = json.path("confidence").asDouble(-1);
        String slot = json.path("single_valued").asBoolean() ? predicate : predicate + " " + object;
        boolean usable = !evidence.isEmpty()
                && !subject.isEmpty()
                && !predicate.isEmpty()
                && !object.isEmpty()
                && !sentence.isEmpty()
                && slot.length() <= ExtractedFact.MAX_TEXT_LENGTH
                && confidence >= 0
                && confidence <= 1;
        if (!usable) {
            return null;
        }
        Instant from = time(json, "valid_from");
        Instant to = time(json, "valid_to");
        boolean endsFirst = from != null && to != null && !to.isAfter(from);
        return new ExtractedFact(
                subject, predicate, object, sentence, slot, evidence, from, endsFirst ? null : to, confidence);
    }

    /** Empty where there is none that could be stored. */
    private static String text(JsonNode json, String field) {
        String text = json.path(field).asText("").strip();
        boolean storable = text.length() <= ExtractedFact.MAX_TEXT_LENGTH
                && text.indexOf('\0') < 0
                && text.codePoints().noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
        return storable ? text : "";
    }

    private static @Nullable Instant time(JsonNode json, String field) {
        if (!json.path(field).isTextual()) {
            return null;
        }
        try {
            var parsed = TIME.parseBest(
                    json.path(field).textValue().strip(), OffsetDateTime::from, LocalDateTime::from, LocalDate::from);
            LocalDateTime local = parsed instanceof OffsetDateTime withOffset
                    ? withOffset.withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime()
                    : parsed instanceof LocalDateTime dateTime ? dateTime : ((LocalDate) parsed).atStartOfDay();
            return local.getYear() < 1 || local.getYear() > 9999
                    ? null
                    : local.toInstant(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
        } catch (DateTimeException notATime) {
            return null;
        }
    }
}
