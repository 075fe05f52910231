/** Checks of what bodies bring, without a server. */
@NullMarked
package memfuse.cluster.http.input;

import org.jspecify.annotations.NullMarked;
