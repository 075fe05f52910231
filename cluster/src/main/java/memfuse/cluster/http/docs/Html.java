package memfuse.cluster.http.docs;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A piece of a page. Texts are escaped when they become one, so that pieces can only be put together rightly.
 *
 * @param markup as it is sent
 */
record Html(String markup) {
    static final Html NOTHING = new Html("");

    static Html text(String text) {
        return new Html(text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;"));
    }

    /**
     * An element.
     *
     * @param start its name, then attributes as they are written: {@code td class="type"}
     */
    static Html element(String start, Html... children) {
        return element(start, List.of(children));
    }

    static Html element(String start, Collection<Html> children) {
        int space = start.indexOf(' ');
        String name = space < 0 ? start : start.substring(0, space);
        return new Html("<" + start + ">" + all(children).markup() + "</" + name + ">");
    }

    /** A link to a place in this page. */
    static Html link(String anchor, Html... children) {
        return element("a href=\"#" + text(anchor).markup() + "\"", children);
    }

    static Html all(Collection<Html> pieces) {
        return new Html(pieces.stream().map(Html::markup).collect(Collectors.joining()));
    }

    static Html all(Html... pieces) {
        return all(List.of(pieces));
    }

    static Html code(String text) {
        return element("code", text(text));
    }

    boolean isEmpty() {
        return markup.isEmpty();
    }
}
