package memfuse.cluster.process;

import java.io.IOException;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * PostgreSQL is restarted under load, ends all connections, and is found at another address: the server connects again by
 * itself, and loses nothing.
 */
@Tag("long")
class DatabaseRestartIT {
    private static final int ROUNDS = Integer.getInteger("memfuse.database.restarts", 1);
    private static final int WRITERS = 8;

    @RegisterExtension
    final Scene scene = new Scene();

    private final Seed seed = Seed.of(DatabaseRestartIT.class);

    private enum Fault {
        RESTARTED,
        ALL_CONNECTIONS_ENDED,
        MOVED_TO_ANOTHER_ADDRESS
    }

    @Test
    void connectsAgainWhateverBecomesOfItsConnections() throws Exception {
        try (RemoteDatabase database = RemoteDatabase.start(scene.newDataDirectory())) {
            Launch launch = Launch.in(scene.newDataDirectory().path()).wordsOnly();
            Client client = scene.start(database.usedBy(launch)).client();
            try (Crowd crowd = Crowd.start(client, WRITERS, seed)) {
                for (Fault fault : faults(seed.random(0))) {
                    crowd.awaitProgress(3);
                    int refusedBefore = crowd.refusals();
                    long sinceNanos = System.nanoTime();
                    cause(fault, database);
                    crowd.awaitProgress(3);
                    List<Duration> pauses = crowd.pausesSince(sinceNanos);
                    System.out.printf(
                            "DatabaseRestartIT: %s: %d refusals, pauses %s%n",
                            fault, crowd.refusals() - refusedBefore, Throng.pauses(pauses));
                }
                List<Transcript> transcripts = crowd.finish();
                System.out.println("DatabaseRestartIT: " + crowd.answerTimes());
                Crowd.assertThatNothingIsLost("DatabaseRestartIT", client, transcripts, database::connect);
            }
        }
    }

    /** Each so many times, in any order. */
    private static List<Fault> faults(Random random) {
        List<Fault> faults = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            faults.addAll(List.of(Fault.values()));
        }
        Collections.shuffle(faults, random);
        return faults;
    }

    private static void cause(Fault fault, RemoteDatabase database) throws Exception {
        switch (fault) {
            case RESTARTED -> database.restart();
            case ALL_CONNECTIONS_ENDED -> endAllConnections(database);
            case MOVED_TO_ANOTHER_ADDRESS -> database.move();
        }
    }

    private static void endAllConnections(RemoteDatabase database) throws Exception {
        try (Connection beside = database.connect()) {
            int ended = RemoteDatabase.terminateBackends(beside);
            if (ended == 0) {
                throw new IOException("the server has no connections");
            }
        }
    }
}
