/**
 * The API described: as an OpenAPI document for programs, and as a page for people.
 *
 * <p>The resource of the routes {@code /openapi.json} and {@code /docs} asks for both. The words are in YAML files beside
 * this package, one for each resource; what the routes themselves know is taken from them, so that it cannot be told wrong.
 */
@NullMarked
package memfuse.cluster.http.docs;

import org.jspecify.annotations.NullMarked;
