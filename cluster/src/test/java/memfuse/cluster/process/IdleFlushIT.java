package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Nobody says anything more, so that no buffer ever gets full. */
@ExtendWith(SharedServer.class)
class IdleFlushIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final Seed seed = Seed.of(IdleFlushIT.class);

    @Test
    void flushesAnIdleSessionByTime(SharedServer.Running server) throws Exception {
        Conversation conversation = Conversation.start(server.client(), seed.random(0));
        conversation.append(1);
        conversation.assertThatAllIsThereOnce();

        Await.until("the message is in M0", LIMIT, () -> storedIn(server, conversation.sessionId()) == 1);
        Await.until("the session knows", LIMIT, () -> conversation.buffered().isEmpty());

        conversation.assertThatAllIsThereOnce();
        conversation.append(2);
        conversation.assertThatAllIsThereOnce();
        Await.until("the rest is in M0", LIMIT, () -> storedIn(server, conversation.sessionId()) == 3);
        assertThat(server.process().isAlive()).isTrue();
    }

    private static int storedIn(SharedServer.Running server, String sessionId) throws Exception {
        try (Connection database = server.data().connect()) {
            return storedIn(database, sessionId);
        }
    }

    private static int storedIn(Connection database, String sessionId) throws SQLException {
        try (PreparedStatement statement =
                database.prepareStatement("SELECT count(*) FROM messages WHERE session_id = ?")) {
            statement.setString(1, sessionId);
            try (ResultSet count = statement.executeQuery()) {
                count.next();
                return count.getInt(1);
            }
        }
    }
}
