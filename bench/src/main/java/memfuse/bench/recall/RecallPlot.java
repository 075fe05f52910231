package memfuse.bench.recall;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Draws recall over k as SVG: a panel for each group of questions, a line for each ranking, the published points. */
final class RecallPlot {
    private static final String NAMESPACE = "http://www.w3.org/2000/svg";
    private static final int COLUMNS = 4;
    private static final int CELL_WIDTH = 250;
    private static final int CELL_HEIGHT = 225;

    /** Above the cells, for the title. */
    private static final int HEAD = 34;

    /** Where the axes are in a cell. */
    private static final int LEFT = 38;

    private static final int TOP = 30;
    private static final int WIDTH = 195;
    private static final int HEIGHT = 155;

    private static final List<Integer> TICKS = List.of(1, 2, 5, 10, 25, 50);
    private static final int GRID_STEP = 20;
    private static final int LEGEND_STEP = 20;

    /** Told apart by colour-blind people as well (Okabe and Ito). */
    private static final List<String> COLOURS = List.of("#0072b2", "#e69f00", "#009e73", "#cc79a7");

    private static final String DARK = "#222";

    private final Svg svg = new Svg();
    private final Map<String, EvidenceRecall> rankings;

    private RecallPlot(Map<String, EvidenceRecall> rankings) {
        this.rankings = rankings;
    }

    /**
     * A whole document.
     *
     * @param rankings over the same questions, in the order of the legend; the first is drawn on top
     */
    static String svg(String title, Map<String, EvidenceRecall> rankings) {
        return new RecallPlot(rankings).draw(title);
    }

    private String draw(String title) {
        List<QuestionGroup> groups = Arrays.stream(QuestionGroup.values())
                .filter(group -> questions(group) > 0)
                .toList();
        int width = COLUMNS * CELL_WIDTH;
        int height = HEAD + (groups.size() / COLUMNS + 1) * CELL_HEIGHT; // the legend has a cell too
        String box = "0 0 " + width + " " + height;
        svg.open("svg", "xmlns", NAMESPACE, "width", width, "height", height, "viewBox", box);
        svg.open("g", "font-family", "sans-serif", "font-size", 10, "fill", DARK);
        svg.element("rect", "width", width, "height", height, "fill", "#fff");
        svg.text(title, "x", 12, "y", 22, "font-size", 15);
        for (int i = 0; i < groups.size(); i++) {
            openCell(i);
            axes(groups.get(i));
            curves(groups.get(i));
            svg.close("g");
        }
        openCell(groups.size());
        legend();
        return svg.close("g").close("g").close("svg").toString();
    }

    private int questions(QuestionGroup group) {
        return rankings.values().iterator().next().questions(group);
    }

    private void openCell(int number) {
        int x = number % COLUMNS * CELL_WIDTH;
        int y = HEAD + number / COLUMNS * CELL_HEIGHT;
        svg.open("g", "transform", "translate(" + x + " " + y + ")");
    }

    private void axes(QuestionGroup group) {
        svg.text(group.title() + ", " + questions(group) + " questions", "x", LEFT, "y", TOP - 9, "font-size", 12);
        for (int percent = 0; percent <= 100; percent += GRID_STEP) {
            double y = y(percent);
            svg.element("line", "x1", LEFT, "x2", LEFT + WIDTH, "y1", y, "y2", y, "stroke", "#ddd");
            svg.text(Integer.toString(percent), "x", LEFT - 5, "y", y + 3.5, "text-anchor", "end");
        }
        for (int k : TICKS) {
            svg.element("line", "x1", x(k), "x2", x(k), "y1", y(0), "y2", y(0) + 4, "stroke", "#888");
            svg.text(Integer.toString(k), "x", x(k), "y", y(0) + 15, "text-anchor", "middle");
        }
    }

    private void curves(QuestionGroup group) {
        List<EvidenceRecall> all = List.copyOf(rankings.values());
        for (int i = all.size() - 1; i >= 0; i--) {
            StringBuilder points = new StringBuilder();
            for (int k = 1; k <= EvidenceRecall.DEPTH; k++) {
                points.append(String.format(
                        Locale.ROOT, "%.1f,%.1f ", x(k), y(all.get(i).recall(group, k))));
            }
            String line = points.toString().strip();
            svg.element("polyline", "points", line, "fill", "none", "stroke", colour(i), "stroke-width", 1.8);
        }
        List<Double> published = PublishedRecall.of(group);
        for (int i = 0; i < published.size(); i++) {
            point(x(EvidenceRecall.CUTOFFS.get(i)), y(published.get(i)));
        }
    }

    private void legend() {
        svg.text("Share of the evidence among", "x", LEFT, "y", TOP + 8, "font-size", 12);
        svg.text("the first k hits, in %, over k", "x", LEFT, "y", TOP + 24, "font-size", 12);
        int y = TOP + 52;
        int number = 0;
        for (String name : rankings.keySet()) {
            svg.element("rect", "x", LEFT, "y", y - 6, "width", 18, "height", 3, "fill", colour(number));
            svg.text(name, "x", LEFT + 25, "y", y, "font-size", 11);
            number++;
            y += LEGEND_STEP;
        }
        point(LEFT + 9, y - 4);
        svg.text(PublishedRecall.NAME, "x", LEFT + 25, "y", y, "font-size", 11);
    }

    private void point(double x, double y) {
        String path = String.format(Locale.ROOT, "M%.1f %.1f l4 4 l-4 4 l-4 -4 z", x, y - 4);
        svg.element("path", "d", path, "fill", DARK);
    }

    private static String colour(int number) {
        return COLOURS.get(number % COLOURS.size());
    }

    /** By the logarithm of k: the first hits matter most. */
    private static double x(int k) {
        return LEFT + WIDTH * Math.log(k) / Math.log(EvidenceRecall.DEPTH);
    }

    private static double y(double percent) {
        return TOP + HEIGHT * (1 - percent / 100);
    }
}
