package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The database holds a flush up: its transaction waits for a lock, with everything that it is to write. */
@ExtendWith(SharedServer.class)
class HeldFlushIT {
    /** Rounds of which both buffers are full, so that a flush starts. */
    private static final int ROUNDS_TO_FILL = 5;

    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final Seed seed = Seed.of(HeldFlushIT.class);

    @Test
    void showsAndFindsEachMessageOnceBeforeDuringAndAfterAFlushThatWaits(SharedServer.Running server) throws Exception {
        Conversation conversation = Conversation.start(server.client(), seed.random(0));
        conversation.append(ROUNDS_TO_FILL - 1);
        conversation.assertThatAllIsThereOnce();

        try (Connection database = server.data().connect();
                Statement statement = database.createStatement()) {
            database.setAutoCommit(false);
            statement.execute("LOCK TABLE messages IN EXCLUSIVE MODE");
            int storedBefore = stored(statement, conversation);
            Await.until(
                    "the session knows what is stored",
                    LIMIT,
                    () -> conversation.said().size() - conversation.buffered().size() == storedBefore);
            conversation.append(1);
            Await.until("the flush waits for the lock", LIMIT, () -> flushesWaiting(statement) > 0);
            conversation.assertThatAllIsThereOnce();

            conversation.append(2 * ROUNDS_TO_FILL + 1);
            conversation.assertThatAllIsThereOnce();
            assertThat(conversation.buffered()).hasSize(conversation.said().size() - storedBefore);
            Await.until("the flush still waits", LIMIT, () -> flushesWaiting(statement) > 0);
            database.rollback();
        }

        Await.until("everything is flushed", LIMIT, () -> {
            conversation.assertThatAllIsThereOnce();
            return conversation.buffered().isEmpty();
        });
        conversation.append(1);
        conversation.assertThatAllIsThereOnce();
    }

    private static int stored(Statement statement, Conversation conversation) throws SQLException {
        return count(statement, "messages WHERE session_id = '" + conversation.sessionId() + "'");
    }

    private static int flushesWaiting(Statement statement) throws SQLException {
        return count(statement, "pg_locks WHERE NOT granted AND relation = 'messages'::regclass");
    }

    private static int count(Statement statement, String rows) throws SQLException {
        try (ResultSet count = statement.executeQuery("SELECT count(*) FROM " + rows)) {
            count.next();
            return count.getInt(1);
        }
    }
}
