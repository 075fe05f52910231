package memfuse.bench.recall;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import memfuse.bench.report.Table;

/** What rankings find, as a table for each group of questions. */
final class RecallTables {
    private RecallTables() {}

    /**
     * The groups that have questions, the published row beside where there is one.
     *
     * @param rankings over the same questions, in the order of the rows
     */
    static List<Table> byGroup(Map<String, EvidenceRecall> rankings) {
        List<Table> tables = new ArrayList<>();
        for (QuestionGroup group : QuestionGroup.values()) {
            int questions = rankings.values().iterator().next().questions(group);
            if (questions > 0) {
                Table table = table("Evidence found in %, " + group.title() + " (" + questions + " questions)");
                for (Map.Entry<String, EvidenceRecall> ranking : rankings.entrySet()) {
                    table = table.with(row(ranking.getKey(), ranking.getValue(), group));
                }
                tables.add(withPublished(table, group));
            }
        }
        return tables;
    }

    /** A row for each conversation, all questions together. */
    static Table byConversation(Map<String, EvidenceRecall> conversations) {
        Table table = table("By conversation");
        for (Map.Entry<String, EvidenceRecall> conversation : conversations.entrySet()) {
            table = table.with(row(conversation.getKey(), conversation.getValue(), QuestionGroup.ALL));
        }
        return table;
    }

    private static Table table(String title) {
        List<String> columns = new ArrayList<>(List.of(""));
        EvidenceRecall.CUTOFFS.forEach(k -> columns.add("R@" + k));
        EvidenceRecall.CUTOFFS.forEach(k -> columns.add("hit@" + k));
        return Table.of(title, columns.toArray(String[]::new));
    }

    private static String[] row(String name, EvidenceRecall found, QuestionGroup group) {
        List<String> cells = new ArrayList<>(List.of(name));
        EvidenceRecall.CUTOFFS.forEach(k -> cells.add(percent(found.recall(group, k))));
        EvidenceRecall.CUTOFFS.forEach(k -> cells.add(percent(found.hit(group, k))));
        return cells.toArray(String[]::new);
    }

    private static Table withPublished(Table table, QuestionGroup group) {
        List<Double> published = PublishedRecall.of(group);
        if (published.isEmpty()) {
            return table;
        }
        List<String> cells = new ArrayList<>(List.of(PublishedRecall.NAME));
        published.forEach(value -> cells.add(percent(value)));
        EvidenceRecall.CUTOFFS.forEach(k -> cells.add(""));
        return table.with(cells.toArray(String[]::new));
    }

    private static String percent(double value) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.1f", value);
    }
}
