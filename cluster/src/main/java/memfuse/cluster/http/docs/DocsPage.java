package memfuse.cluster.http.docs;

import static memfuse.cluster.http.docs.Html.element;
import static memfuse.cluster.http.docs.Html.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/**
 * The document as one page of HTML, which needs no script and loads nothing.
 *
 * @param html the page
 * @param contentSecurityPolicy allows the page's own style and nothing else
 */
public record DocsPage(String html, String contentSecurityPolicy) {
    private static final String STYLE = style();

    /** The page of an OpenAPI document. */
    public static DocsPage of(JsonNode document) {
        List<OperationView> operations = operations(document);
        JsonNode info = document.get("info");
        String title = info.get("title").textValue();
        Html page = element(
                "html lang=\"en\"",
                element(
                        "head",
                        new Html("<meta charset=\"utf-8\">"),
                        new Html("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"),
                        element("title", text(title + " API")),
                        element("style", new Html(STYLE))),
                element(
                        "body",
                        element("nav", contents(document, operations)),
                        element("main", header(info), Refusals.section(document), sections(document, operations))));
        String policy = "default-src 'none'; style-src 'sha256-" + sha256(STYLE)
                + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        return new DocsPage("<!doctype html>" + page.markup(), policy);
    }

    private static List<OperationView> operations(JsonNode document) {
        List<OperationView> operations = new ArrayList<>();
        JsonNode paths = document.get("paths");
        paths.properties().forEach(path -> {
            if (!path.getValue().has("x-same-as")) {
                String alsoAt = alsoAt(paths, path.getKey());
                path.getValue()
                        .properties()
                        .forEach(one -> operations.add(
                                new OperationView(document, one.getKey(), path.getKey(), alsoAt, one.getValue())));
            }
        });
        return operations;
    }

    private static String alsoAt(JsonNode paths, String path) {
        return paths.properties().stream()
                .filter(other -> other.getValue().path("x-same-as").asText().equals(path))
                .map(other -> other.getKey())
                .findFirst()
                .orElse("");
    }

    private static Html contents(JsonNode document, List<OperationView> operations) {
        List<Html> entries = new ArrayList<>();
        entries.add(element("div", element("h2", Html.link(Refusals.ANCHOR, text("Refusals")))));
        for (JsonNode tag : document.get("tags")) {
            String name = tag.get("name").textValue();
            List<Html> ofTag = operations.stream()
                    .filter(one -> one.tag().equals(name))
                    .map(OperationView::entry)
                    .toList();
            entries.add(element("div", element("h2", Html.link(name, text(name))), element("ul", ofTag)));
        }
        return Html.all(entries);
    }

    private static Html header(JsonNode info) {
        return element(
                "header",
                element(
                        "h1",
                        text(info.get("title").textValue()),
                        element("small", text(info.get("version").textValue()))),
                element("p class=\"summary\"", text(info.get("summary").textValue())),
                Prose.paragraphs(info.get("description").textValue()),
                element("p", element("a href=\"/openapi.json\"", text("openapi.json"))));
    }

    private static Html sections(JsonNode document, List<OperationView> operations) {
        List<Html> sections = new ArrayList<>();
        for (JsonNode tag : document.get("tags")) {
            String name = tag.get("name").textValue();
            List<Html> parts = new ArrayList<>();
            parts.add(element("h2", text(name)));
            parts.add(Prose.paragraphs(tag.get("description").textValue()));
            operations.stream().filter(one -> one.tag().equals(name)).forEach(one -> parts.add(one.article()));
            sections.add(element("section id=\"" + text(name).markup() + "\"", parts));
        }
        return Html.all(sections);
    }

    private static String style() {
        try (InputStream file = Objects.requireNonNull(DocsPage.class.getResourceAsStream("docs.css"), "docs.css")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("docs.css", e);
        }
    }

    private static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
