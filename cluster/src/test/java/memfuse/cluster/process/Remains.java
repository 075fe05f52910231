package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the database has of users and sessions, in whatever table. */
final class Remains {
    /** Every table with a column that names a user or a session, and how it does; found, so that none is forgotten. */
    private static final String COLUMNS = """
            SELECT table_name, column_name FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name <> 'erasures'
                AND (column_name IN ('user_id', 'session_id', 'persistence_id')
                    OR (table_name IN ('users', 'sessions') AND column_name = 'id'))""";

    private record Column(String table, String name) {}

    private Remains() {}

    /** Where anything is left of these users and sessions, and how many rows. */
    static Map<String, Integer> of(Connection database, List<String> ids) throws SQLException {
        List<Column> columns = columns(database);
        List<String> all = new ArrayList<>(ids);
        ids.forEach(id -> all.add("session|" + id));
        Map<String, Integer> rows = new TreeMap<>();
        for (Column column : columns) {
            String sql = "SELECT count(*) FROM " + column.table() + " WHERE " + column.name() + " = ANY (?)";
            try (PreparedStatement statement = database.prepareStatement(sql)) {
                statement.setArray(1, database.createArrayOf("text", all.toArray()));
                try (ResultSet count = statement.executeQuery()) {
                    count.next();
                    if (count.getInt(1) > 0) {
                        rows.put(column.table() + "." + column.name(), count.getInt(1));
                    }
                }
            }
        }
        return rows;
    }

    private static List<Column> columns(Connection database) throws SQLException {
        List<Column> columns = new ArrayList<>();
        try (Statement statement = database.createStatement();
                ResultSet found = statement.executeQuery(COLUMNS)) {
            while (found.next()) {
                columns.add(new Column(found.getString(1), found.getString(2)));
            }
        }
        assertThat(columns)
                .extracting(Column::table)
                .contains(
                        "users",
                        "sessions",
                        "messages",
                        "memory_units",
                        "event_journal",
                        "snapshot",
                        "append_answers",
                        "knowledge",
                        "knowledge_units");
        return columns;
    }
}
