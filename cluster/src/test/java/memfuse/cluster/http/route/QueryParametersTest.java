package memfuse.cluster.http.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueryParametersTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "name=ann               | ann",
                "name=                  | ``",
                "a=1&name=x&b=2         | x",
                "name=x&name=y          | y",
                "name=A&B               | A",
                "name=a=b               | a=b",
                "name=a+b%20c%2Bd       | a b c+d",
                "n%61me=x               | x",
                "name=%C3%BC%F0%9F%91%8B | ü👋",
                "name=%zz%4             | %zz%4",
                "name=%                 | %",
                "&&name=x&=y&           | x",
            })
    void decodesWhatItCanAndLeavesTheRest(String query, String name) {
        assertThat(QueryParameters.parse(query).get("name")).contains(name);
    }

    @Test
    void putsAReplacementWhereBytesAreNoText() {
        assertThat(QueryParameters.parse("name=%ff").get("name")).contains("\uFFFD");
    }

    @Test
    void tellsWhatIsNotGiven() {
        assertThat(QueryParameters.parse("").get("name")).isEmpty();
        assertThat(QueryParameters.parse("name").get("name")).isEmpty();
    }
}
