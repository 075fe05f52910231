package memfuse.actors.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import memfuse.actors.retrieval.FactSearch.FoundFact;
import memfuse.protocol.facts.Fact;
import org.junit.jupiter.api.Test;

class FactSearchTest {
    private static final List<Fact> FACTS = List.of(
            fact("Ann", "likes", "sour cherries"),
            fact("Ann", "name of sister", "Ida"),
            fact("Ida", "lives in", "Faro"),
            fact("Ben", "works at", "Norsk Hydro"),
            fact("Ann", "works as", "nurse"));

    private static final FactSearch SEARCH = FactSearch.of(FACTS);

    @Test
    void findsFactsByTheirWords() {
        assertThat(objects("Who likes cherries?")).first().isEqualTo("sour cherries");
        assertThat(objects("Where does Ben work?")).first().isEqualTo("Norsk Hydro");
        assertThat(objects("What about submarines?")).isEmpty();
        assertThat(objects("?")).isEmpty();
    }

    @Test
    void goesOneStepAlongTheNamesThatFactsShare() {
        List<FoundFact> found = SEARCH.search("the sister");
        assertThat(found).extracting(each -> each.fact().object()).containsExactly("Ida", "Faro");
        assertThat(found.get(0).score()).isEqualTo(1);
        assertThat(found.get(1).score()).isEqualTo(0.5);
    }

    @Test
    void scoresFrom0To1() {
        assertThat(SEARCH.search("Where do Ann, Ida and Ben live and work?"))
                .hasSize(5)
                .allSatisfy(found -> assertThat(found.score()).isGreaterThan(0).isLessThanOrEqualTo(1));
        assertThat(FactSearch.NONE.search("anything")).isEmpty();
    }

    private static List<String> objects(String query) {
        return SEARCH.search(query).stream().map(found -> found.fact().object()).toList();
    }

    private static Fact fact(String subject, String predicate, String object) {
        String text = subject + " " + predicate + " " + object + ".";
        return new Fact(
                text,
                "s",
                subject,
                predicate,
                object,
                text,
                List.of(new Fact.Evidence("m1", 1)),
                Instant.EPOCH,
                Instant.EPOCH,
                null,
                null,
                1,
                "test/1");
    }
}
