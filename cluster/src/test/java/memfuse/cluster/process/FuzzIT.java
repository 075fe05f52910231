package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import memfuse.cluster.contract.Attack;
import memfuse.cluster.contract.Attacks;
import memfuse.cluster.contract.Contract;
import memfuse.cluster.contract.LineAttacks;
import memfuse.cluster.contract.RawRequest;
import memfuse.cluster.contract.Received;
import memfuse.cluster.contract.Shapes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Whatever is sent to whichever route the document names, each answer is one of the contract and comes in time, what is
 * refused changes nothing, what is accepted is there as a whole, and nobody else's memory is touched.
 *
 * <p>Each fault is tried at each place once, in an order by chance, and then several at once. A new route is attacked from
 * the day on which it is documented.
 */
class FuzzIT {
    /** How long it goes on; most of the faults are tried in less. */
    private static final Duration TIME = Duration.ofSeconds(Integer.getInteger("memfuse.fuzz.seconds", 30));

    private static final Duration HANG_LIMIT = Duration.ofSeconds(20);
    private static final Duration WITNESS_PAUSE = Duration.ofMillis(100);
    private static final int ATTACKERS = 3;
    private static final int MOST_TRIES = 5;
    private static final int SHOWN_FAULTS = 10;
    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension
    final Scene scene = new Scene();

    private final Seed seed = Seed.of(FuzzIT.class);
    private final AtomicInteger next = new AtomicInteger();
    private final List<FuzzTarget> targets = Collections.synchronizedList(new ArrayList<>());
    private final List<String> faults = Collections.synchronizedList(new ArrayList<>());

    @Test
    void answersEverythingAsDocumentedAndHarmsNothing() throws Exception {
        DataDirectory data = scene.newDataDirectory();
        Launch launch = Launch.in(data.path()).wordsOnly();
        ServerProcess server = scene.start(launch);
        Client client = server.client();
        Await.until(
                "the document is made",
                Duration.ofMinutes(1),
                () -> client.get("/openapi.json").status() == 200);
        Contract contract = Contract.of(client.get("/openapi.json").body());
        Attacks attacks = new Attacks(contract);
        FuzzWitness witness = FuzzWitness.create(client, seed.random(1));
        List<Attack> each = attacks.all(seed.random(0));
        each.addAll(LineAttacks.all(contract, witness.files(contract, server.api()), seed.random(0)));
        Collections.shuffle(each, seed.random(0));
        long endNanos = System.nanoTime() + TIME.toNanos();

        List<Callable<Void>> threads = new ArrayList<>();
        for (int i = 0; i < ATTACKERS; i++) {
            threads.add(() -> {
                attack(server, contract, attacks, each, endNanos);
                return null;
            });
        }
        threads.add(() -> {
            while (System.nanoTime() < endNanos) {
                witness.assertUnharmed(client);
                Await.pass(WITNESS_PAUSE);
            }
            return null;
        });
        run(threads);

        System.out.printf("FuzzIT: %d requests, %d kinds of faults%n", next.get(), each.size());
        assertThat(faults.stream().limit(SHOWN_FAULTS))
                .as("%d faults, the first of them", faults.size())
                .isEmpty();
        witness.assertUnharmed(client);
        server.kill9();
        Client again = scene.start(launch).client();
        witness.assertUnharmed(again);
        for (FuzzTarget target : targets) {
            target.assertKept(again);
        }
        again.flush();
        witness.assertUnharmed(again);
        for (FuzzTarget target : targets) {
            target.assertKept(again);
        }
    }

    private static void run(List<Callable<Void>> threads) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads.size());
        try {
            for (Future<Void> thread : executor.invokeAll(threads)) {
                thread.get();
            }
        } finally {
            executor.shutdownNow();
        }
    }

    private void attack(ServerProcess server, Contract contract, Attacks attacks, List<Attack> each, long endNanos)
            throws IOException {
        Client client = server.newClient();
        FuzzTarget target = FuzzTarget.create(client, contract);
        try (RawHttp http = new RawHttp(server.api(), HANG_LIMIT)) {
            while (System.nanoTime() < endNanos) {
                int number = next.getAndIncrement();
                Attack attack = number < each.size() ? each.get(number) : attacks.any(seed.random(number));
                boolean goOn = false;
                try {
                    goOn = carryOut(attack, http, contract, target);
                } catch (AssertionError e) {
                    faults.add(e.getMessage());
                }
                if (!goOn) {
                    target = FuzzTarget.create(client, contract);
                }
            }
        }
        targets.add(target);
    }

    /** Whether the target can be attacked again. */
    private static boolean carryOut(Attack attack, RawHttp http, Contract contract, FuzzTarget target)
            throws IOException {
        RawRequest request = attack.request().apply(target.ids());
        Optional<Received> received = send(attack, request, http);
        if (received.isEmpty()) {
            return target.unanswered();
        }
        Received answer = received.get();
        assertThat(answer.status()).as("%s: %s", attack, answer.body()).isLessThan(500);
        assertThat(Shapes.problem(answer))
                .as("%s: %s %s", attack, answer.status(), answer.body())
                .isEmpty();
        if (attack.reaches()) {
            assertThat(contract.deviations(attack.operation(), answer))
                    .as("%s: %s %s", attack, answer.status(), answer.body())
                    .isEmpty();
        }
        if (request.method().equals("GET") || request.method().equals("HEAD")) {
            return true;
        }
        if (answer.status() < 400) {
            return target.accepted(attack, request, json(answer));
        }
        target.refused(attack);
        return true;
    }

    /** A server that is not able to answer now says so, and is asked again. */
    private static Optional<Received> send(Attack attack, RawRequest request, RawHttp http) throws IOException {
        for (int tries = 1; ; tries++) {
            Optional<Received> answer;
            try {
                answer = http.send(request);
            } catch (IOException e) {
                throw new IOException(attack + ": " + e.getMessage(), e);
            }
            boolean later = answer.isPresent()
                    && (answer.get().status() == 503 || answer.get().status() == 429);
            if (!later || tries == MOST_TRIES) {
                return answer;
            }
            assertThat(answer.get().headers()).as("%s", attack).containsKey("retry-after");
            Await.pass(Duration.ofSeconds(1));
        }
    }

    private static JsonNode json(Received answer) throws IOException {
        return answer.body().startsWith("{") ? JSON.readTree(answer.body()) : MissingNode.getInstance();
    }
}
