package memfuse.bench.recall;

import java.util.Locale;

/** Writes elements of SVG one after the other. Numbers get one decimal place; texts are escaped. */
final class Svg {
    private final StringBuilder elements = new StringBuilder();

    /** An element without content; names of attributes and their values in turns. */
    Svg element(String name, Object... attributes) {
        open(name, attributes);
        elements.setLength(elements.length() - ">\n".length());
        elements.append("/>\n");
        return this;
    }

    /** A line of text. */
    Svg text(String text, Object... attributes) {
        open("text", attributes);
        elements.setLength(elements.length() - 1);
        elements.append(escaped(text)).append("</text>\n");
        return this;
    }

    /** An element that lasts until {@link #close}. */
    Svg open(String name, Object... attributes) {
        elements.append('<').append(name);
        for (int i = 0; i < attributes.length; i += 2) {
            String value = attributes[i + 1] instanceof Double number
                    ? String.format(Locale.ROOT, "%.1f", number)
                    : escaped(attributes[i + 1].toString());
            elements.append(' ')
                    .append(attributes[i])
                    .append("=\"")
                    .append(value)
                    .append('"');
        }
        elements.append(">\n");
        return this;
    }

    Svg close(String name) {
        elements.append("</").append(name).append(">\n");
        return this;
    }

    @Override
    public String toString() {
        return elements.toString();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
