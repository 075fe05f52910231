package memfuse.cluster.process;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import memfuse.cluster.process.Client.Shown;

/** Compares transcripts with what a server shows, and with what its database holds. */
final class Archive {
    private Archive() {}

    /** By the history of each session. */
    static Verdict shown(Client client, List<Transcript> transcripts) throws IOException {
        Verdict verdict = Verdict.NOTHING;
        for (Transcript transcript : transcripts) {
            verdict = verdict.plus(transcript.compareWith(client.history(transcript.sessionId())));
        }
        return verdict;
    }

    /** By the rows of M0, when everything is flushed; also fails for a row that nobody sent. */
    static Verdict stored(Connection database, List<Transcript> transcripts) throws SQLException {
        Map<String, List<Shown>> sessions = rows(database);
        Verdict verdict = Verdict.NOTHING;
        int accountedFor = 0;
        for (Transcript transcript : transcripts) {
            List<Shown> rows = sessions.getOrDefault(transcript.sessionId(), List.of());
            verdict = verdict.plus(transcript.compareWith(rows));
            accountedFor += (int) rows.stream()
                    .filter(row -> row.content().startsWith(transcript.mark() + " "))
                    .count();
        }
        int all = sessions.values().stream().mapToInt(List::size).sum();
        if (all != accountedFor) {
            throw new AssertionError((all - accountedFor) + " messages are stored where nobody sent them");
        }
        return verdict;
    }

    /** The rows of a table. */
    static int count(Connection database, String table) throws SQLException {
        try (Statement statement = database.createStatement();
                ResultSet count = statement.executeQuery("SELECT count(*) FROM " + table)) {
            count.next();
            return count.getInt(1);
        }
    }

    private static Map<String, List<Shown>> rows(Connection database) throws SQLException {
        Map<String, List<Shown>> sessions = new HashMap<>();
        try (Statement statement = database.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT session_id, id, content FROM messages ORDER BY session_id, seq")) {
            while (row.next()) {
                sessions.computeIfAbsent(row.getString(1), session -> new ArrayList<>())
                        .add(new Shown(row.getString(2), row.getString(3)));
            }
        }
        return sessions;
    }
}
