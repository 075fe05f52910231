package memfuse.actors.extraction;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.List;
import memfuse.actors.extraction.DateExpression.Direction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DateExpressionsTest {
    /** Wednesday. */
    private static final LocalDate SAID = LocalDate.parse("2024-05-15");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            We repotted the ferns today                | 2024-05-15 | 2024-05-15
            I overslept this morning                   | 2024-05-15 | 2024-05-15
            The oven broke yesterday                   | 2024-05-14 | 2024-05-14
            It hailed last night                       | 2024-05-14 | 2024-05-14
            the day before yesterday we rowed          | 2024-05-13 | 2024-05-13
            I sold the van three days ago              | 2024-05-12 | 2024-05-12
            a week ago I sprained my wrist             | 2024-05-05 | 2024-05-11
            We closed the shop two weeks ago           | 2024-04-28 | 2024-05-04
            We met 2 months ago                        | 2024-03-01 | 2024-03-31
            a year ago it was a barn                   | 2023-01-01 | 2023-12-31
            last week was calm                         | 2024-05-06 | 2024-05-12
            I painted the fence this past weekend      | 2024-05-11 | 2024-05-12
            We sailed last weekend                     | 2024-05-11 | 2024-05-12
            Last month rent went up                    | 2024-04-01 | 2024-04-30
            Rent went up last month                    | 2024-04-01 | 2024-04-30
            We wed last year                           | 2023-01-01 | 2023-12-31
            I fell last Saturday                       | 2024-05-11 | 2024-05-11
            I fell last Wednesday                      | 2024-05-08 | 2024-05-08
            I ran on Monday                            | 2024-05-13 | 2024-05-13
            I ran on Friday evening                    | 2024-05-10 | 2024-05-10
            I voted this Tuesday                       | 2024-05-14 | 2024-05-14
            We moved in June                           | 2023-06-01 | 2023-06-30
            We moved in May                            | 2024-05-01 | 2024-05-31
            We moved back in March                     | 2024-03-01 | 2024-03-31
            We moved last August                       | 2023-08-01 | 2023-08-31
            We moved in October 2019                   | 2019-10-01 | 2019-10-31
            We moved in 2011                           | 2011-01-01 | 2011-12-31
            I flew out on March 3rd                    | 2024-03-03 | 2024-03-03
            I flew out on 29 August                    | 2023-08-29 | 2023-08-29
            I flew out on the 5th of July, 2021        | 2021-07-05 | 2021-07-05
            I flew out on December 24, 2020            | 2020-12-24 | 2020-12-24
            Filed 2024-02-29                           | 2024-02-29 | 2024-02-29
            """)
    void knowsWhenItWas(String text, LocalDate first, LocalDate last) {
        assertThat(days(text, Direction.PAST)).containsExactly(first + " " + last);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            The race is tomorrow morning               | 2024-05-16 | 2024-05-16
            We leave the day after tomorrow            | 2024-05-17 | 2024-05-17
            I start in three days                      | 2024-05-18 | 2024-05-18
            I start in two weeks                       | 2024-05-26 | 2024-06-01
            I start two weeks from now                 | 2024-05-26 | 2024-06-01
            We fly next month                          | 2024-06-01 | 2024-06-30
            We fly next week                           | 2024-05-20 | 2024-05-26
            We row this weekend                        | 2024-05-18 | 2024-05-19
            We row next weekend                        | 2024-05-25 | 2024-05-26
            It opens on Friday                         | 2024-05-17 | 2024-05-17
            It opens on Monday                         | 2024-05-20 | 2024-05-20
            It opens next Friday                       | 2024-05-24 | 2024-05-24
            It opens this coming Sunday                | 2024-05-19 | 2024-05-19
            I graduate in June                         | 2024-06-01 | 2024-06-30
            I graduate in March                        | 2025-03-01 | 2025-03-31
            The exam is on January 7                   | 2025-01-07 | 2025-01-07
            """)
    void knowsWhenItWillBe(String text, LocalDate first, LocalDate last) {
        assertThat(days(text, Direction.FUTURE)).containsExactly(first + " " + last);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "almost two years ago",
                "about a week ago",
                "more than three months ago",
                "a few days ago",
                "a couple of weeks ago",
                "every last Saturday",
                "since yesterday",
                "on Saturdays",
                "I march in step",
                "we may move",
                "in three weeks I learned it",
                "on February 30th",
                "this weekend",
                "tomorrow",
                "in a day's time"
            })
    void keepsSilentWhereTheDayIsNotCertain(String text) {
        assertThat(days(text, Direction.PAST)).isEmpty();
    }

    @Test
    void findsAllThatThereAre() {
        assertThat(days("I came on May 3rd, left yesterday and called last night", Direction.PAST))
                .containsExactly("2024-05-03 2024-05-03", "2024-05-14 2024-05-14", "2024-05-14 2024-05-14");
    }

    @Test
    void saysWhereTheExpressionStands() {
        String text = "I sold it on March 3rd, 2022 to Ida";
        DateExpression found = DateExpressions.find(text, SAID, Direction.PAST).get(0);
        assertThat(text.substring(found.start(), found.end())).isEqualTo("on March 3rd, 2022");
    }

    /** First and last days. */
    private static List<String> days(String text, Direction direction) {
        return DateExpressions.find(text, SAID, direction).stream()
                .map(found -> found.from() + " " + found.until().minusDays(1))
                .toList();
    }
}
