/** What resources make themselves. */
@NullMarked
package memfuse.cluster.http.resource;

import org.jspecify.annotations.NullMarked;
