/**
 * How sessions hand their buffered rounds to the flush workers.
 *
 * <p>Stays on one node: the journal is the outbox, so nothing here needs to be durable.
 */
@NullMarked
package memfuse.protocol.flush;

import org.jspecify.annotations.NullMarked;
