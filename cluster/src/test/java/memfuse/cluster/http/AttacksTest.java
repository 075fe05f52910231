package memfuse.cluster.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import memfuse.cluster.contract.Attack;
import memfuse.cluster.contract.Attacks;
import memfuse.cluster.contract.Contract;
import memfuse.cluster.contract.Operation;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The attacks on a server can all be made of its document, and leave no operation and no field of it alone. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AttacksTest {
    private static final long SEED = 7;
    private static final int ANY = 5_000;
    private static final Map<String, String> IDS = Map.of("user_id", "u1", "agent_id", "a1", "session_id", "s1");

    private final ApiServer server = new ApiServer();
    private final Contract contract = OpenApiTest.contractOf(server);
    private final Attacks attacks = new Attacks(contract);

    @AfterAll
    void stop() {
        server.close();
    }

    @Test
    void coverEveryOperationAndField() {
        List<Attack> all = attacks.all(new Random(SEED));
        Set<Operation> attacked = new HashSet<>();
        all.forEach(attack -> attacked.add(attack.operation()));
        assertThat(attacked).containsExactlyInAnyOrderElementsOf(contract.operations());
        assertThat(all.stream().map(Attack::toString))
                .contains(
                        "POST /api/v1/sessions/{session_id}/messages: [messages, 0, metadata] is missing",
                        "PUT /api/v1/sessions/{session_id}/messages: [new_messages, 0, content] is null",
                        "POST /api/v1/users/{user_id}/api-keys: [permissions, read] is 1e999",
                        "GET /api/v1/sessions/{session_id}/messages: limit is -1",
                        "GET /api/v1/users/{user_id}: user_id is %2F");
    }

    @Test
    void canAllBeSent() {
        for (Attack attack : attacks.all(new Random(SEED))) {
            assertThat(attack.request().apply(IDS).bytes()).as("%s", attack).isNotEmpty();
        }
        for (int seed = 0; seed < ANY; seed++) {
            Attack attack = attacks.any(new Random(seed));
            assertThat(attack.request().apply(IDS).bytes()).as("%s", attack).isNotEmpty();
        }
    }

    @Test
    void areTheSameForTheSameSeed() {
        assertThat(attacks.all(new Random(SEED)).stream().limit(200).map(Attack::toString))
                .containsExactlyElementsOf(attacks.all(new Random(SEED)).stream()
                        .limit(200)
                        .map(Attack::toString)
                        .toList());
    }
}
