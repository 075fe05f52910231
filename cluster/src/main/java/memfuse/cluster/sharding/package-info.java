/**
 * Users spread over the cluster: the sharding region in front of their actors, and the sweeper that wakes users with
 * unflushed messages whom nobody else wakes.
 *
 * <p>Called by the HTTP layer. Any node reaches any user; on each node users share its flush workers and its embedding.
 */
@NullMarked
package memfuse.cluster.sharding;

import org.jspecify.annotations.NullMarked;
