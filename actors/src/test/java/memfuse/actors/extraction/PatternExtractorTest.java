package memfuse.actors.extraction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import memfuse.protocol.facts.ExtractedFact;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.Role;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PatternExtractorTest {
    /** Wednesday. */
    private static final Instant SAID = Instant.parse("2024-05-15T09:00:00Z");

    private final PatternExtractor extractor = new PatternExtractor(Runnable::run);

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            My name is Ida Bergström.                                     | name: Ida Bergström
            I live in Lisbon with my cat.                                 | lives in: Lisbon
            Well, I’m currently living in New York City!                  | lives in: New York City
            I moved to Lisbon in May, and I cannot eat peanuts.           | lives in: Lisbon; moved: to Lisbon; does not eat: peanuts
            We just moved to São Paulo                                    | lives in: São Paulo
            Actually I'm from the Netherlands, not Belgium.               | is from: the Netherlands
            I grew up in Rio de Janeiro.                                  | grew up in: Rio de Janeiro
            I work at Norsk Hydro as a chemist.                           | works at: Norsk Hydro
            I work as a night porter and it pays well.                    | works as: night porter
            I'm a software engineer.                                      | works as: software engineer
            I'm vegan.                                                    | is: vegan
            I am 34 years old.                                            | age: 34
            I'm married.                                                  | marital status: married
            My birthday is on the 3rd of March.                           | birthday: the 3rd of March
            My favourite composer is Bartók.                              | favourite composer: Bartók
            My favorite season is late autumn because of the light.       | favourite season: late autumn
            My dog's name is Pixel.                                       | name of dog: Pixel
            We have a daughter named Noor.                                | name of daughter: Noor
            I'm allergic to peanuts, shellfish and cat hair.              | is allergic to: peanuts; is allergic to: shellfish; is allergic to: cat hair
            I don't eat pork.                                             | does not eat: pork
            I speak Finnish and Dutch.                                    | speaks: Finnish; speaks: Dutch
            I really love sour cherries.                                  | likes: sour cherries
            I enjoy baking bread on a wood fire, you know.                | likes: baking bread on a wood fire
            I love action and sci-fi movies, they are so loud!            | likes: action and sci-fi movies
            I'm a big fan of silent films.                                | likes: silent films
            I can't stand cold coffee.                                    | dislikes: cold coffee
            I don't like crowded trains at all.                           | dislikes: crowded trains at all
            I prefer tea over coffee.                                     | prefers: tea over coffee
            I'm a nurse and I live in Porto, so I hate night shifts.      | works as: nurse; lives in: Porto; dislikes: night shifts
            """)
    void findsWhatIsStated(String content, String expected) {
        assertThat(stated(content)).containsExactly(expected.split("; "));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            I went to a pottery class last Saturday.            | went: to a pottery class        | 2024-05-11 | 2024-05-11
            Yesterday I met Carol at the harbour.               | met: Carol at the harbour       | 2024-05-14 | 2024-05-14
            Oh, and we adopted a greyhound two weeks ago!       | adopted: a greyhound            | 2024-04-28 | 2024-05-04
            I finished my thesis in March, finally.             | finished: my thesis, finally    | 2024-03-01 | 2024-03-31
            Last month we visited the mines of Falun.           | visited: the mines of Falun     | 2024-04-01 | 2024-04-30
            I went to a fair yesterday and it was great!        | went: to a fair                 | 2024-05-14 | 2024-05-14
            Lately all is well - I won a chess cup last week!   | won: a chess cup                | 2024-05-06 | 2024-05-12
            My mother and I baked bread last night.             | baked: bread                    | 2024-05-14 | 2024-05-14
            I'm flying to Oslo next week.                       | plans: flying to Oslo           | 2024-05-20 | 2024-05-26
            I have a dentist appointment on Friday.             | plans: a dentist appointment    | 2024-05-17 | 2024-05-17
            """)
    void findsWhatHappenedOrWillOnADay(String content, String expected, String first, String last) {
        List<ExtractedFact> facts = extract(content);
        assertThat(facts).hasSize(1);
        ExtractedFact fact = facts.get(0);
        assertThat(fact.predicate() + ": " + fact.object()).isEqualTo(expected);
        assertThat(fact.validFrom()).isEqualTo(first + "T00:00:00Z");
        assertThat(fact.validTo()).isEqualTo(Instant.parse(last + "T00:00:00Z").plus(Duration.ofDays(1)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Do I live in Lisbon?",
                "If I lived in Paris I would paint.",
                "I wish I worked at Mozilla.",
                "I might move to Berlin.",
                "Maybe I like jazz.",
                "I'd like a coffee.",
                "I would love to visit Peru next year.",
                "She said \"I live in Rome\" and left.",
                "My sister lives in Kyiv.",
                "I love it!",
                "I love that idea.",
                "I love to.",
                "I love getting lost in those old maps.",
                "I'm going to make it for my family tomorrow.",
                "These mugs I bought yesterday make me smile.",
                "I made it in pottery class yesterday.",
                "We had a blast there last month.",
                "I sent a few more last week.",
                "I like the second one better.",
                "I love how you cook.",
                "I enjoyed the film.",
                "I used to live in Madrid.",
                "I live in constant fear.",
                "I work for free.",
                "I'm a bit tired.",
                "I'm from time to time late.",
                "My favourite is the blue one.",
                "I didn't go to the gym yesterday.",
                "I almost fell last night.",
                "I always went there on Sunday.",
                "I went to the gym.",
                "I came on Monday and left last night.",
                "You live in Lisbon.",
                "It was fun last week.",
                "I speak softly.",
                "I'm engaged in a debate.",
                "I call my mother on Sundays."
            })
    void keepsSilentWhereNothingIsCertain(String content) {
        assertThat(stated(content)).isEmpty();
    }

    @Test
    void givesEachFactItsSentenceAndItsMessage() {
        List<ExtractedFact> facts = extractor
                .extract(List.of(
                        message(7, Role.USER, null, "Hello there. Oh, I live in Lisbon now! Nice, no?"),
                        message(8, Role.USER, "Ida", "I play chess. I love rain.")))
                .toCompletableFuture()
                .join();
        assertThat(facts)
                .extracting(ExtractedFact::subject, ExtractedFact::text, ExtractedFact::evidence)
                .containsExactly(
                        tuple("user", "Oh, I live in Lisbon now!", List.of(7L)),
                        tuple("Ida", "I love rain.", List.of(8L)));
    }

    @Test
    void knowsWhoSpeaks() {
        String content = "I live in Lisbon.";
        assertThat(extract(message(1, Role.ASSISTANT, null, content))).isEmpty();
        assertThat(extract(message(1, Role.SYSTEM, "Ida", content))).isEmpty();
        assertThat(extract(message(1, Role.ASSISTANT, "Ida", content)))
                .extracting(ExtractedFact::subject)
                .containsExactly("Ida");
    }

    @Test
    void knowsSinceWhenAChangeHolds() {
        assertThat(extract("I moved to Lisbon in March.").get(0).validFrom()).isEqualTo("2024-03-01T00:00:00Z");
        assertThat(extract("I live in Lisbon.").get(0).validFrom()).isNull();
    }

    @Test
    void letsLikingAndDislikingExcludeEachOther() {
        assertThat(slots("I love cold coffee.")).isEqualTo(slots("I don't like cold coffee."));
        assertThat(slots("I live in Lisbon.")).isEqualTo(slots("I live in Porto."));
        assertThat(slots("I speak Dutch.")).isNotEqualTo(slots("I speak Danish."));
    }

    @Test
    void takesAnyContent() {
        for (String part :
                List.of("I ", "yes ", "I love ", "a", " ", "\n", "😀", "I'm allergic to a, ", "really ", "\uD83D")) {
            String content = "I love " + part.repeat(7_900 / part.length());
            for (ExtractedFact fact : extract(content)) {
                assertThat(fact.object().length()).isLessThanOrEqualTo(200);
            }
        }
        assertThat(extract("I love rain. ".repeat(1_000))).isEmpty();
    }

    private List<String> stated(String content) {
        List<String> stated = new ArrayList<>();
        extract(content).forEach(fact -> stated.add(fact.predicate() + ": " + fact.object()));
        return stated;
    }

    private List<String> slots(String content) {
        return extract(content).stream().map(ExtractedFact::slotKey).toList();
    }

    private List<ExtractedFact> extract(String content) {
        return extract(message(1, Role.USER, null, content));
    }

    private List<ExtractedFact> extract(Message... messages) {
        return extractor.extract(Arrays.asList(messages)).toCompletableFuture().join();
    }

    private static Message message(long seq, Role role, @Nullable String name, String content) {
        return new Message("m" + seq, seq, role, name, content, SAID, SAID, null, 10);
    }
}
