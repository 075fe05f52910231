package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.Connection;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The database commits and the server does not hear of it, or the connection ends around the commit. */
class LostAcknowledgementIT {
    private static final String FLUSH = "COPY messages";
    private static final String APPEND = "INSERT INTO event_journal";
    private static final int WRITERS = 8;
    private static final int LOST = 10;
    private static final int KILLS = Integer.getInteger("memfuse.backend.kills", 15);
    private static final Duration LIMIT = Duration.ofMinutes(1);

    @RegisterExtension
    final Scene scene = new Scene();

    private final Seed seed = Seed.of(LostAcknowledgementIT.class);

    @Test
    void writesAFlushOnceWhoseAcknowledgementWasLost() throws Exception {
        try (RemoteDatabase database = RemoteDatabase.start(scene.newDataDirectory())) {
            Client client = start(database);
            try (Crowd crowd = Crowd.start(client, WRITERS, seed)) {
                lose(database.wire(), FLUSH);
                crowd.awaitProgress(20);
                Crowd.assertThatNothingIsLost("a flush's answer lost", client, crowd.finish(), database::connect);
            }
        }
    }

    @Test
    void keepsARoundOnceWhoseAcknowledgementByTheJournalWasLost() throws Exception {
        try (RemoteDatabase database = RemoteDatabase.start(scene.newDataDirectory())) {
            Client client = start(database);
            try (Crowd crowd = Crowd.start(client, WRITERS, seed)) {
                lose(database.wire(), APPEND);
                crowd.awaitProgress(20);
                Crowd.assertThatNothingIsLost("the journal's answer lost", client, crowd.finish(), database::connect);
            }
        }
    }

    @Test
    void losesNothingWhenTheDatabasesProcessesEndAtAnyMoment() throws Exception {
        Random random = seed.random(0);
        try (RemoteDatabase database = RemoteDatabase.start(scene.newDataDirectory());
                Connection beside = database.connect()) {
            Client client = start(database);
            try (Crowd crowd = Crowd.start(client, WRITERS, seed)) {
                int ended = 0;
                for (int kill = 0; kill < KILLS; kill++) {
                    Await.pass(Duration.ofMillis(random.nextInt(200)));
                    ended += RemoteDatabase.terminateBusyBackends(beside);
                    crowd.awaitProgress(1);
                }
                assertThat(ended).isPositive();
                Crowd.assertThatNothingIsLost(ended + " backends ended", client, crowd.finish(), database::connect);
            }
        }
    }

    private static void lose(Wire wire, String text) {
        for (int i = 0; i < LOST; i++) {
            wire.loseCommitsOf(text, 1);
            Await.until("a commit's answer is lost", LIMIT, () -> wire.stillToLose() == 0);
        }
    }

    private Client start(RemoteDatabase database) throws IOException {
        Launch launch = Launch.in(scene.newDataDirectory().path()).wordsOnly();
        return scene.start(database.usedBy(launch)).client();
    }
}
