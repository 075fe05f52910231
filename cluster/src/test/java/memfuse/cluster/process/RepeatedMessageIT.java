package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import memfuse.cluster.process.Client.Said;
import memfuse.cluster.process.Client.Shown;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A client sends a message again: because it heard no answer, twice at once, or with other words. */
@ExtendWith(SharedServer.class)
class RepeatedMessageIT {
    private static final Said FIRST = new Said("first", "The key is under the mat.");
    private static final Said SECOND = new Said("second", "The cat is under the key.");
    private static final Said OTHER = new Said("first", "The key is under the cat.");

    private final Seed seed = Seed.of(RepeatedMessageIT.class);

    @Test
    void answersARepeatedRoundAsTheFirstTimeAndStoresItOnce(Client client) throws Exception {
        String session = Conversation.start(client, seed.random(0)).sessionId();
        Answer first = client.appendPatiently(session, List.of(FIRST, SECOND));

        Answer whileBuffered = client.appendPatiently(session, List.of(FIRST, SECOND));
        client.flush();
        Answer whenFlushed = client.appendPatiently(session, List.of(FIRST, SECOND));

        assertThat(whileBuffered.data().path("message_ids"))
                .isEqualTo(first.data().path("message_ids"));
        assertThat(whenFlushed.data().path("message_ids"))
                .isEqualTo(first.data().path("message_ids"));
        assertThatHistoryIs(client, session, FIRST, SECOND);
    }

    @Test
    void refusesAnIdThatIsTakenByOtherWordsAndStoresNothingOfTheRound(Client client) throws Exception {
        String session = Conversation.start(client, seed.random(1)).sessionId();
        client.appendPatiently(session, List.of(FIRST));

        client.append(session, List.of(SECOND, OTHER)).expect(409);
        client.flush();
        client.append(session, List.of(SECOND, OTHER)).expect(409);

        assertThatHistoryIs(client, session, FIRST);
    }

    @Test
    void storesTheNewMessagesOfARoundThatIsPartlyKnown(Client client) throws Exception {
        String session = Conversation.start(client, seed.random(2)).sessionId();
        client.appendPatiently(session, List.of(FIRST));
        client.flush();

        Answer answer = client.appendPatiently(session, List.of(FIRST, SECOND));

        assertThat(answer.data().path("message_ids"))
                .extracting(id -> id.asText())
                .containsExactly("first", "second");
        assertThatHistoryIs(client, session, FIRST, SECOND);
    }

    @Test
    void storesARoundOnceThatIsSentManyTimesAtOnce(Client client) throws Exception {
        String session = Conversation.start(client, seed.random(3)).sessionId();
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            answers.add(client.appendLater(session, List.of(FIRST, SECOND)));
        }

        for (CompletableFuture<Answer> answer : answers) {
            answer.get(30, TimeUnit.SECONDS).expect(201);
        }

        assertThatHistoryIs(client, session, FIRST, SECOND);
    }

    private static void assertThatHistoryIs(Client client, String session, Said... said) throws IOException {
        List<Shown> expected = new ArrayList<>();
        for (Said one : said) {
            expected.add(new Shown(String.valueOf(one.id()), one.content()));
        }
        assertThat(client.history(session)).isEqualTo(expected);
    }
}
