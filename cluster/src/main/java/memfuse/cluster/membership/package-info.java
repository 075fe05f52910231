/**
 * The node as a member of its cluster: how it joins, whether it should get requests, and the port on which operators
 * and other nodes ask for that.
 *
 * <p>Called by the server's start. What goes wrong there is told in one line.
 */
@NullMarked
package memfuse.cluster.membership;

import org.jspecify.annotations.NullMarked;
