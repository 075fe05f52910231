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
import java.util.Objects;
import memfuse.cluster.process.Client.Shown;
import memfuse.cluster.process.Transcript.Round;

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

    /**
     * Acknowledged rounds whose rows stand behind those of a round that was sent only when they had been answered. There
     * are none, whoever wrote what where, as long as a session has one writer at a time.
     */
    static int overtaken(Connection database, List<Transcript> transcripts) throws SQLException {
        Map<String, Map<String, Round>> sessions = new HashMap<>();
        for (Transcript transcript : transcripts) {
            Map<String, Round> byContent = sessions.computeIfAbsent(transcript.sessionId(), session -> new HashMap<>());
            transcript.rounds().stream()
                    .filter(Round::isAcknowledged)
                    .forEach(round -> byContent.put(round.messages().get(0).content(), round));
        }
        int overtaken = 0;
        for (Map.Entry<String, List<Shown>> session : rows(database).entrySet()) {
            Map<String, Round> byContent = sessions.getOrDefault(session.getKey(), Map.of());
            List<Round> stored = session.getValue().stream()
                    .map(row -> byContent.get(row.content()))
                    .filter(Objects::nonNull)
                    .toList();
            overtaken += overtaken(stored);
        }
        return overtaken;
    }

    private static int overtaken(List<Round> stored) {
        int overtaken = 0;
        for (int i = 1; i < stored.size(); i++) {
            long answeredNanos = stored.get(i).answeredNanos();
            overtaken +=
                    stored.subList(0, i).stream().anyMatch(before -> answeredNanos - before.sentNanos() < 0) ? 1 : 0;
        }
        return overtaken;
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
