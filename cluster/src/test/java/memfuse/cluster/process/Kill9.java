package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** Keeps clients at work on a server until one of them kills it. */
final class Kill9 {
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private Kill9() {}

    /** What a client does, request after request; it fails when it gets no answer. */
    @FunctionalInterface
    interface Work {
        void run(BooleanSupplier goOn, Runnable onAcknowledged) throws IOException;
    }

    /** The thread that gets the last of so many acknowledgements kills the server before it does anything else. */
    static void after(int acknowledgements, ServerProcess server, List<Work> clients) throws Exception {
        AtomicInteger acknowledged = new AtomicInteger();
        AtomicBoolean killed = new AtomicBoolean();
        Runnable onAcknowledged = () -> {
            if (acknowledged.incrementAndGet() == acknowledgements) {
                killed.set(true);
                server.kill9();
            }
        };
        List<Callable<Void>> tasks = new ArrayList<>();
        for (Work client : clients) {
            tasks.add(() -> {
                try {
                    client.run(() -> !killed.get(), onAcknowledged);
                } catch (IOException e) {
                    assertThat(killed).as("no answer: %s", e).isTrue();
                }
                return null;
            });
        }
        ExecutorService threads = Executors.newFixedThreadPool(clients.size());
        try {
            for (Future<Void> task : threads.invokeAll(tasks, LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                task.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(server.isAlive()).isFalse();
    }
}
