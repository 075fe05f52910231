/**
 * The HTTP edge: one server, one function from a request to its answer, and the bounds of both.
 *
 * <p>{@code HttpServer} is bound by the start of the node. Every request is answered, with a documented status and
 * body, and nothing here blocks the thread that brought it; what the node cannot take is refused at once.
 */
@NullMarked
package memfuse.cluster.http;

import org.jspecify.annotations.NullMarked;
