/** How values look in answers, without a server. */
@NullMarked
package memfuse.cluster.http.context;

import org.jspecify.annotations.NullMarked;
