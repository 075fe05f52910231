/** What goes on in the cluster without anybody asking, against a store in memory. */
@NullMarked
package memfuse.cluster.sharding;

import org.jspecify.annotations.NullMarked;
