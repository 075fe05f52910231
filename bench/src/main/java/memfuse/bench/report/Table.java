package memfuse.bench.report;

import java.util.ArrayList;
import java.util.List;

/** Details beside the figures, as rows of text. */
public record Table(String title, List<String> columns, List<List<String>> rows) {
    public Table {
        columns = List.copyOf(columns);
        rows = rows.stream().map(List::copyOf).toList();
    }

    /** Nothing in it yet. */
    public static Table of(String title, String... columns) {
        return new Table(title, List.of(columns), List.of());
    }

    public Table with(String... cells) {
        List<List<String>> more = new ArrayList<>(rows);
        more.add(List.of(cells));
        return new Table(title, columns, more);
    }

    String markdown() {
        StringBuilder text = new StringBuilder(title.isEmpty() ? "" : title + ":\n\n");
        line(text, columns);
        line(text, columns.stream().map(column -> "---").toList());
        rows.forEach(row -> line(text, row));
        return text.toString();
    }

    private static void line(StringBuilder text, List<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
}
