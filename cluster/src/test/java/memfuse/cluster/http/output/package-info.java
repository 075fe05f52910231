/** How values look in answers, without a server. */
@NullMarked
package memfuse.cluster.http.output;

import org.jspecify.annotations.NullMarked;
