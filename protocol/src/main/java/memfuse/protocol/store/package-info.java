/**
 * The port of the persistent layers: M0 messages and M1 units, written by flushes and read by sessions and indexes.
 *
 * <p>Blocking and idempotent: whatever is retried leaves the same rows.
 */
@NullMarked
package memfuse.protocol.store;

import org.jspecify.annotations.NullMarked;
