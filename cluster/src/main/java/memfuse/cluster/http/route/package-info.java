/**
 * Which handler a request goes to, what its caller needs for that, and what the request's address says.
 *
 * <p>The API fills one table at its start and asks it once for each request. A path is known with and without a
 * trailing slash.
 */
@NullMarked
package memfuse.cluster.http.route;

import org.jspecify.annotations.NullMarked;
