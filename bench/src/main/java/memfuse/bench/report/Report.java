package memfuse.bench.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The answer to one question: figures, details, and what is needed to measure them again. */
public final class Report {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String question;
    private final Instant date = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final Map<String, String> origin = new LinkedHashMap<>();
    private final List<Figure> figures = new ArrayList<>();
    private final List<Table> tables = new ArrayList<>();

    public Report(String question) {
        this.question = question;
        origin.put("date", date.toString());
    }

    /** Where the figures come from: the command, the commit, the machine. */
    public Report from(String what, String value) {
        origin.put(what, value);
        return this;
    }

    /** States a number. */
    public Report figure(String name, double value, String unit) {
        figures.add(new Figure(name, value, unit, null));
        return this;
    }

    /** States a number that has to reach something. */
    public Report figure(String name, double value, String unit, Target target) {
        figures.add(new Figure(name, value, unit, target));
        return this;
    }

    public Report table(Table table) {
        tables.add(table);
        return this;
    }

    /** False when a target is missed. */
    public boolean isGood() {
        return figures.stream().allMatch(Figure::isGood);
    }

    public String markdown() {
        StringBuilder text = new StringBuilder("## " + question + "\n\n");
        Table all = Table.of("", "Figure", "Value", "Target");
        for (Figure figure : figures) {
            all = all.with(figure.name(), figure.valueWithUnit(), figure.targetText());
        }
        text.append(all.markdown());
        tables.forEach(table -> text.append('\n').append(table.markdown()));
        text.append('\n');
        origin.forEach((what, value) ->
                text.append("- ").append(what).append(": ").append(value).append('\n'));
        return text.toString();
    }

    /** One line. */
    public String json() {
        ObjectNode report = JSON.createObjectNode().put("question", question);
        origin.forEach(report::put);
        ArrayNode numbers = report.putArray("figures");
        for (Figure figure : figures) {
            ObjectNode number = numbers.addObject()
                    .put("name", figure.name())
                    .put("value", figure.value())
                    .put("unit", figure.unit());
            if (figure.target() != null) {
                number.put("target", figure.target().toString()).put("reached", figure.isGood());
            }
        }
        ArrayNode details = report.putArray("tables");
        for (Table table : tables) {
            details.addObject().put("title", table.title()).set("columns", JSON.valueToTree(table.columns()));
            ((ObjectNode) details.get(details.size() - 1)).set("rows", JSON.valueToTree(table.rows()));
        }
        try {
            return JSON.writeValueAsString(report);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
