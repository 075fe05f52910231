/**
 * Who may come in: API keys and how many requests each client may send.
 *
 * <p>The API asks the {@code Gate} once for each request, before it looks at the body. Keys in use are remembered, so
 * that the answer takes no database; a watch forgets those that were deleted, on whichever node that was.
 */
@NullMarked
package memfuse.cluster.http.access;

import org.jspecify.annotations.NullMarked;
