package memfuse.cluster.http.docs;

import com.fasterxml.jackson.databind.JsonNode;

/** References from one place of the document to another. */
final class References {
    private References() {}

    /** What stands at the end of the references, which is the node itself where it is none. */
    static JsonNode resolved(JsonNode document, JsonNode node) {
        JsonNode at = node;
        while (at.has("$ref")) {
            String reference = at.get("$ref").textValue();
            at = document.at(reference.substring(1));
            if (!reference.startsWith("#/") || at.isMissingNode()) {
                throw new IllegalArgumentException("the document has no " + reference);
            }
        }
        return at;
    }
}
