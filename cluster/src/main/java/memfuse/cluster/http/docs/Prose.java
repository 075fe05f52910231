package memfuse.cluster.http.docs;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** The little of Markdown that the document's descriptions use: paragraphs, {@code `code`} and {@code **strong**}. */
final class Prose {
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern STRONG = Pattern.compile("\\*\\*([^*]+)\\*\\*");

    private Prose() {}

    static Html paragraphs(String text) {
        List<Html> paragraphs = Arrays.stream(text.strip().split("\n\\s*\n"))
                .filter(paragraph -> !paragraph.isBlank())
                .map(paragraph -> Html.element("p", line(paragraph)))
                .toList();
        return Html.all(paragraphs);
    }

    /** Without paragraphs. */
    static Html line(String text) {
        String escaped = Html.text(text.strip()).markup();
        String withCode = CODE.matcher(escaped).replaceAll("<code>$1</code>");
        return new Html(STRONG.matcher(withCode).replaceAll("<strong>$1</strong>"));
    }
}
