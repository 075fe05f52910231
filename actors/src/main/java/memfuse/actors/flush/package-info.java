/**
 * The flush: a coordinator that queues what sessions submit, fair between users, and a pool of workers that pull it and
 * write it to the store.
 *
 * <p>Called by sessions. A flush is retried until it is stored or withdrawn; what is lost with the node is still in the
 * journal.
 */
@NullMarked
package memfuse.actors.flush;

import org.jspecify.annotations.NullMarked;
