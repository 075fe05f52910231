/**
 * From the bytes of a body to checked values, or to everything that is wrong with it.
 *
 * <p>Resources read their bodies through {@code JsonInput}. What passes is valid UTF-8 that the database can store; what
 * does not is told with its place in the body, in the shape that MemFuse clients know.
 */
@NullMarked
package memfuse.cluster.http.input;

import org.jspecify.annotations.NullMarked;
