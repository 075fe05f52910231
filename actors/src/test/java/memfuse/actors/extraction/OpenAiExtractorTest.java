package memfuse.actors.extraction;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import memfuse.protocol.facts.ExtractedFact;
import memfuse.protocol.facts.ExtractionUsage;
import memfuse.protocol.facts.FactExtractionException;
import memfuse.protocol.facts.FactExtractionException.Fault;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.Role;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The extractor before a server that speaks the real protocol, and does not always do as it should. */
class OpenAiExtractorTest {
    private static final Instant SAID = Instant.parse("2024-05-15T09:00:00Z");
    private static final List<Message> MESSAGES = List.of(
            message(11, "Ida", "I moved to Porto \"last\" week."), message(12, null, "And what do you do there?"));

    private final StubModel model = new StubModel();

    @AfterEach
    void stop() {
        model.close();
    }

    @Test
    void asksForFactsInTheApisForm() {
        model.thenContent(facts().toString());
        extract(extractor(1));

        StubModel.Request request = model.requests().get(0);
        assertThat(request.method() + " " + request.path()).isEqualTo("POST /v1/chat/completions");
        assertThat(request.headers().getFirst("Authorization")).isEqualTo("Bearer secret");
        assertThat(request.headers().getFirst("Content-Type")).isEqualTo("application/json");
        JsonNode body = request.body();
        assertThat(body.get("model").textValue()).isEqualTo("stub-1");
        JsonNode format = body.get("response_format");
        assertThat(format.get("type").textValue()).isEqualTo("json_schema");
        assertThat(format.at("/json_schema/strict").booleanValue()).isTrue();
        assertStrict(format.at("/json_schema/schema"));
        JsonNode chat = json(body.at("/messages/1/content").textValue());
        assertThat(chat).hasSize(2);
        assertThat(chat.get(0).toString())
                .isEqualTo("{\"id\":\"m1\",\"time\":\"Wednesday 2024-05-15 09:00 UTC\",\"speaker\":\"Ida\","
                        + "\"text\":\"I moved to Porto \\\"last\\\" week.\"}");
        assertThat(chat.get(1).get("speaker").textValue()).isEqualTo("user");
    }

    @Test
    void readsAnswersAndGoesOnAfterAPauseOnThreadsOfItsOwn() {
        Set<String> threads = ConcurrentHashMap.newKeySet();
        model.thenStatus(503).thenContent(facts().toString());
        OpenAiExtractor extractor = extractor(2, () -> {
            threads.add(Thread.currentThread().getName());
            return SAID;
        });
        threads.clear(); // it was asked when it began, too

        assertThat(extract(extractor)).isEmpty();
        assertThat(model.requests()).hasSize(2);
        assertThat(threads).containsExactly("fact-model");
    }

    /** What the API demands of a strict schema: closed objects, of which all is required. */
    private static void assertStrict(JsonNode schema) {
        if (schema.path("type").asText().equals("object")) {
            assertThat(schema.get("additionalProperties").booleanValue()).isFalse();
            assertThat(schema.get("required"))
                    .extracting(JsonNode::textValue)
                    .containsExactlyInAnyOrderElementsOf(
                            () -> schema.get("properties").fieldNames());
        }
        schema.forEach(OpenAiExtractorTest::assertStrict);
    }

    @Test
    void takesTheFactsOfTheAnswer() {
        ObjectNode moved = fact("Ida", "lives in", "Porto", "m1");
        moved.put("valid_from", "2024-05-06").put("valid_to", "2024-05-07T12:30:00+02:00");
        ObjectNode likes = fact("Ida", "likes", "tea", "m2", "m1").put("single_valued", false);
        model.thenContent(facts(moved, likes).toString());

        assertThat(extract(extractor(1)))
                .containsExactly(
                        new ExtractedFact(
                                "Ida",
                                "lives in",
                                "Porto",
                                "Ida lives in Porto.",
                                "lives in",
                                List.of(11L),
                                Instant.parse("2024-05-06T00:00:00Z"),
                                Instant.parse("2024-05-07T10:30:00Z"),
                                0.75),
                        new ExtractedFact(
                                "Ida",
                                "likes",
                                "tea",
                                "Ida likes tea.",
                                "likes tea",
                                List.of(11L, 12L),
                                null,
                                null,
                                0.75));
    }

    @Test
    void discardsWhatIsNoFactOfTheseMessages() {
        ObjectNode invented = fact("Ida", "owns", "a yacht", "m3");
        ObjectNode partlyInvented = fact("Ida", "owns", "a boat", "m1", "11");
        ObjectNode without = fact("Ida", "owns", "a barge");
        ObjectNode blank = fact(" ", "owns", "a raft", "m1");
        ObjectNode unstorable = fact("Ida", "owns", "a \0canoe", "m1");
        ObjectNode halfACharacter = fact("Ida", "owns", "a kayak \uD83D", "m1");
        ObjectNode tooLong = fact("Ida", "owns", "a ".repeat(2_000), "m1");
        ObjectNode tooSure = fact("Ida", "owns", "a ship", "m1").put("confidence", 1.5);
        ObjectNode good = fact("Ida", "owns", "a dinghy", "m1")
                .put("valid_from", "sometime")
                .put("valid_to", "9".repeat(9));
        ArrayNode all = facts(
                        invented, partlyInvented, without, blank, unstorable, halfACharacter, tooLong, tooSure, good)
                .withArray("facts");
        all.add("nothing");
        String content =
                StubModel.JSON.createObjectNode().set("facts", all).toString().replace("\uD83D", "\\ud83d");
        model.thenContent(content);
        OpenAiExtractor extractor = extractor(1);

        assertThat(extract(extractor)).extracting(ExtractedFact::object).containsExactly("a dinghy");
        assertThat(extractor.usage().discarded()).isEqualTo(9);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 502, 503, 529})
    void asksAgainWhenTheServerCannotNow(int status) {
        model.thenStatus(status, "Retry-After", "3600")
                .thenStatus(status, "Retry-After", "soon")
                .thenContent(facts(fact("Ida", "likes", "tea", "m1")).toString());
        OpenAiExtractor extractor = extractor(3);

        assertThat(extract(extractor)).hasSize(1);
        assertThat(extractor.usage().retries()).isEqualTo(2);
    }

    @Test
    void givesUpAfterSoManyAttempts() {
        model.thenStatus(503);

        assertThat(failure(extractor(3)).fault()).isEqualTo(Fault.UNAVAILABLE);
        assertThat(model.requests()).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404})
    void doesNotAskAgainWhereItIsNotLetIn(int status) {
        model.thenStatus(status);

        FactExtractionException failure = failure(extractor(3));
        assertThat(failure.fault()).isEqualTo(Fault.UNAVAILABLE);
        assertThat(failure).hasMessageContaining("status " + status);
        assertThat(model.requests()).hasSize(1);
    }

    @Test
    void doesNotAskAgainWhatTheServerRefuses() {
        model.thenStatus(400);

        assertThat(failure(extractor(3)).fault()).isEqualTo(Fault.MESSAGES);
        assertThat(model.requests()).hasSize(1);
    }

    @Test
    void asksAgainWhenNoAnswerComes() {
        model.thenSilence()
                .thenHalfAnAnswer()
                .thenEnd()
                .thenContent(facts(fact("Ida", "likes", "tea", "m1")).toString());

        assertThat(extract(extractor(9, Duration.ofMillis(300)))).hasSize(1);
        assertThat(model.requests()).hasSizeGreaterThanOrEqualTo(4);
    }

    @Test
    void asksAgainWhereNobodyListens() {
        OpenAiExtractor extractor = extractor(2);
        model.close();

        assertThat(failure(extractor).fault()).isEqualTo(Fault.UNAVAILABLE);
        assertThat(extractor.usage().requests()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"I found two facts:", "{\"facts\":[{", "{\"facts\":{}}", "[]", "null", "{}"})
    void asksAgainForWhatIsNoAnswer(String content) {
        model.thenContent(content)
                .thenContent(facts(fact("Ida", "likes", "tea", "m1")).toString())
                .thenContent(content);

        assertThat(extract(extractor(2))).hasSize(1);
        assertThat(failure(extractor(2)).fault()).isEqualTo(Fault.MESSAGES);
        assertThat(model.requests()).hasSize(4);
    }

    @Test
    void asksAgainForABodyThatIsNoJson() {
        model.then(exchange -> StubModel.write(exchange, 200, "<html>busy</html>"))
                .thenContent(facts().toString());

        assertThat(extract(extractor(2))).isEmpty();
    }

    @Test
    void doesNotReadOnForever() {
        model.then(exchange -> StubModel.write(exchange, 200, " ".repeat(9 << 20)));

        assertThat(failure(extractor(1))).hasMessageContaining("larger");
    }

    @ParameterizedTest
    @ValueSource(strings = {"length", "content_filter"})
    void saysThatTheMessagesAreTooManyWhereTheAnswerIsCutOff(String finishReason) {
        model.thenCompletion("{\"facts\":[{\"subj", finishReason);

        FactExtractionException failure = failure(extractor(3));
        assertThat(failure.fault()).isEqualTo(Fault.MESSAGES);
        assertThat(failure).hasMessageContaining(finishReason);
        assertThat(model.requests()).hasSize(1);
    }

    @Test
    void takesARefusalForAnAnswer() {
        ObjectNode completion = (ObjectNode) json(StubModel.completion("", "stop"));
        ((ObjectNode) completion.at("/choices/0/message")).put("refusal", "no").putNull("content");
        model.then(exchange -> StubModel.write(exchange, 200, completion.toString()));

        assertThat(failure(extractor(3)).fault()).isEqualTo(Fault.MESSAGES);
        assertThat(model.requests()).hasSize(1);
    }

    @Test
    void countsTokensAndTheirCostOfUnusableAnswersToo() {
        model.thenContent("no")
                .thenContent(facts(fact("Ida", "likes", "tea", "m1")).toString());
        OpenAiExtractor extractor = extractor(2);
        extract(extractor);

        assertThat(extractor.usage()).isEqualTo(new ExtractionUsage(2, 1, 0, 2_000, 200, 0, 0.0011));
        assertThat(ExtractionCounters.line(extractor.usage()))
                .isEqualTo(
                        "2 requests (1 repeated), 0 batches given up, 0 facts discarded, 2000 + 200 tokens, cost 0.0011");
    }

    @Test
    void asksNothingOfNoMessages() {
        assertThat(extractor(1).extract(List.of()).toCompletableFuture().join()).isEmpty();
        assertThat(model.requests()).isEmpty();
    }

    @Test
    void tellsNobodyItsKey() {
        assertThat(settings(1, Duration.ofSeconds(1)).toString()).doesNotContain("secret");
    }

    private List<ExtractedFact> extract(OpenAiExtractor extractor) {
        return extractor
                .extract(MESSAGES)
                .toCompletableFuture()
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
    }

    private FactExtractionException failure(OpenAiExtractor extractor) {
        CompletionException failure =
                Assertions.catchThrowableOfType(CompletionException.class, () -> extract(extractor));
        return (FactExtractionException) Objects.requireNonNull(failure.getCause());
    }

    private OpenAiExtractor extractor(int maxAttempts) {
        return extractor(maxAttempts, Duration.ofSeconds(20));
    }

    private OpenAiExtractor extractor(int maxAttempts, InstantSource clock) {
        return new OpenAiExtractor(settings(maxAttempts, Duration.ofSeconds(20)), clock);
    }

    private OpenAiExtractor extractor(int maxAttempts, Duration requestTimeout) {
        return new OpenAiExtractor(settings(maxAttempts, requestTimeout), InstantSource.system());
    }

    private OpenAiSettings settings(int maxAttempts, Duration requestTimeout) {
        return new OpenAiSettings(
                model.baseUrl(),
                "stub-1",
                Optional.of("secret"),
                requestTimeout,
                maxAttempts,
                Duration.ofMillis(2),
                Duration.ofMillis(20),
                0.25,
                3);
    }

    private static ObjectNode facts(ObjectNode... facts) {
        ObjectNode answer = StubModel.JSON.createObjectNode();
        answer.putArray("facts").addAll(List.of(facts));
        return answer;
    }

    private static ObjectNode fact(String subject, String predicate, String object, String... evidence) {
        ObjectNode fact = StubModel.JSON
                .createObjectNode()
                .put("subject", subject)
                .put("predicate", predicate)
                .put("object", object)
                .put("text", subject + " " + predicate + " " + object + ".")
                .put("single_valued", true)
                .putNull("valid_from")
                .putNull("valid_to")
                .put("confidence", 0.75);
        ArrayNode ids = fact.putArray("evidence");
        List.of(evidence).forEach(ids::add);
        return fact;
    }

    private static JsonNode json(String text) {
        try {
            return StubModel.JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + text, e);
        }
    }

    private static Message message(long seq, @Nullable String name, String content) {
        return new Message("id-" + seq, seq, Role.USER, name, content, SAID, SAID, null, 10);
    }
}
