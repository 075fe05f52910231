package memfuse.cluster.http.docs;

import static memfuse.cluster.http.docs.Html.element;
import static memfuse.cluster.http.docs.Html.text;

import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.core.util.Separators.Spacing;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A piece of JSON under a title. */
final class Figure {
    private static final ObjectWriter PRETTY = new ObjectMapper()
            .writer(new DefaultPrettyPrinter(
                    Separators.createDefaultInstance().withObjectFieldValueSpacing(Spacing.AFTER)));

    private Figure() {}

    static Html of(String title, JsonNode value) {
        try {
            return element(
                    "figure",
                    element("figcaption", text(title)),
                    element("pre", text(PRETTY.writeValueAsString(value))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
