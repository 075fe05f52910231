/** Finding routes and reading query strings. */
@NullMarked
package memfuse.cluster.http.route;

import org.jspecify.annotations.NullMarked;
