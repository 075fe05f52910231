package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import memfuse.cluster.process.Client.Shown;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The two procedures of {@code docs/operations.md}, as they stand there. */
@Tag("long")
class BackupRestoreIT {
    private static final int USERS = 3;
    private static final int BEFORE = 13;
    private static final int MOST = 90;

    @RegisterExtension
    final Scene scene = new Scene();

    private final Seed seed = Seed.of(BackupRestoreIT.class);

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void goesOnFromACopyOfTheDataDirectory() throws Exception {
        DataDirectory data = scene.newDataDirectory();
        ServerProcess server = scene.start(Launch.in(data.path()).wordsOnly());
        List<Conversation> conversations = conversations(server.client());
        server.terminate();
        DataDirectory copy = scene.newDataDirectory();
        Process copying = new ProcessBuilder(
                        "cp", "-a", data.path().toString(), copy.path().toString())
                .inheritIO()
                .start();
        assertThat(copying.waitFor()).isZero();

        Client restored = scene.start(Launch.in(copy.path()).wordsOnly()).client();
        for (Conversation conversation : conversations) {
            assertThat(restored.history(conversation.sessionId()))
                    .extracting(Shown::content)
                    .containsExactlyElementsOf(conversation.said());
            assertGoesOn(restored, conversation);
        }
    }

    /** A dump is one snapshot; journal and layers change in one transaction; so it is a whole memory. */
    @Test
    void goesOnFromADumpThatWasMadeUnderLoad() throws Exception {
        try (InstalledPostgres postgres = InstalledPostgres.start()) {
            postgres.tool("createdb", "live");
            Launch launch = Launch.in(scene.newDataDirectory().path()).wordsOnly();
            ServerProcess server = scene.start(postgres.usedBy(launch, "live"));
            List<Conversation> conversations = conversations(server.client());
            String dump = postgres.file("memfuse.dump");
            whileAllGoOn(conversations, () -> postgres.tool("pg_dump", "--format=custom", "--file=" + dump, "live"));
            server.kill9();

            postgres.tool("createdb", "restored");
            postgres.tool("pg_restore", "--exit-on-error", "--no-owner", "--dbname=restored", dump);
            Client restored = scene.start(postgres.usedBy(launch, "restored")).client();
            int kept = 0;
            for (Conversation conversation : conversations) {
                List<Shown> history = restored.history(conversation.sessionId());
                assertThat(history)
                        .extracting(Shown::content)
                        .hasSizeGreaterThanOrEqualTo(BEFORE)
                        .containsExactlyElementsOf(conversation.said().subList(0, history.size()));
                assertGoesOn(restored, conversation);
                kept += history.size();
            }
            System.out.printf(
                    "BackupRestoreIT: %d messages when the dump began, %d in it, %d at its end%n",
                    USERS * BEFORE,
                    kept,
                    conversations.stream().mapToInt(all -> all.said().size()).sum());
        }
    }

    /** So long that some messages are in the layers and the rest is in the journal. */
    private List<Conversation> conversations(Client client) throws IOException {
        List<Conversation> conversations = new ArrayList<>();
        for (int i = 0; i < USERS; i++) {
            Conversation conversation = Conversation.start(client, seed.random(i));
            conversation.append(BEFORE);
            conversations.add(conversation);
        }
        return conversations;
    }

    private interface Work {
        void run() throws Exception;
    }

    private static void whileAllGoOn(List<Conversation> conversations, Work work) throws Exception {
        AtomicBoolean goOn = new AtomicBoolean(true);
        ExecutorService threads = Executors.newFixedThreadPool(conversations.size());
        try {
            List<CompletableFuture<Void>> writers = conversations.stream()
                    .map(conversation -> CompletableFuture.runAsync(() -> appendWhile(goOn, conversation), threads))
                    .toList();
            work.run();
            goOn.set(false);
            writers.forEach(CompletableFuture::join);
        } finally {
            threads.shutdownNow();
        }
    }

    private static void appendWhile(AtomicBoolean goOn, Conversation conversation) {
        try {
            while (goOn.get() && conversation.said().size() < MOST) {
                conversation.append(1);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertGoesOn(Client restored, Conversation conversation) throws IOException {
        String oldest = conversation.said().get(0);
        assertThat(restored.query(conversation.userId(), oldest, 1))
                .extracting(Shown::content)
                .containsExactly(oldest);
        restored.append(conversation.sessionId(), "and goes on").expect(201);
        assertThat(restored.history(conversation.sessionId()))
                .extracting(Shown::content)
                .endsWith("and goes on");
    }
}
