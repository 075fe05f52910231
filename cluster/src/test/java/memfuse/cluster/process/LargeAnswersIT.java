package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import memfuse.cluster.process.Client.Said;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Many large answers are asked of a small server at a time: it gives what it has room for, refuses the rest, and goes on.
 */
@Tag("long")
class LargeAnswersIT {
    private static final int MESSAGES = 100;
    private static final int MESSAGE_BYTES = 100 << 10;
    private static final int READERS = 96;

    @RegisterExtension
    final Scene scene = new Scene();

    @Test
    void outlivesMoreAnswersThanItsHeapHolds() throws Exception {
        ServerProcess server = scene.start(Launch.in(scene.newDataDirectory().path())
                .wordsOnly()
                .withEnvironment("_JAVA_OPTIONS", "-Xmx128m -XX:+ExitOnOutOfMemoryError"));
        Client client = server.client();
        String user = client.createUser("ann");
        String session = client.createSession(user, client.createAgent("helper"));
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            String id = "m" + i;
            client.appendPatiently(session, List.of(new Said(id, i + " " + "words of it ".repeat(MESSAGE_BYTES / 12))));
            ids.add(id);
            if (i % 20 == 19) {
                client.flush();
            }
        }
        String messages = Client.messages(session);
        assertThat(client.get(messages + "?limit=100").status())
                .as("10 MiB, of a server with 8 MiB for all large answers")
                .isEqualTo(400);
        assertThat(client.post(messages + "/read", Map.of("message_ids", ids)).status())
                .isEqualTo(400);
        assertThat(client.get(messages + "?limit=50").status()).isEqualTo(200);

        List<CompletableFuture<Answer>> asked = IntStream.range(0, READERS)
                .mapToObj(i -> server.newClient()
                        .postLater(messages + "/read", Map.of("message_ids", ids.subList(i % 60, i % 60 + 30))))
                .toList();
        Map<Integer, Long> statuses = asked.stream()
                .map(CompletableFuture::join)
                .collect(Collectors.groupingBy(Answer::status, Collectors.counting()));

        System.out.printf("LargeAnswersIT: %d answers of 3 MiB at a time, by status: %s%n", READERS, statuses);
        assertThat(statuses.keySet()).isSubsetOf(200, 429, 503).contains(200);
        assertThat(server.isAlive()).isTrue();
        assertThat(client.get(messages + "?limit=50").status()).isEqualTo(200);
        client.append(session, "and goes on").expect(201);
    }
}
