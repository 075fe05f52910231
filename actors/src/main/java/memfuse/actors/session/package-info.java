/**
 * A session: its round and hybrid buffers as plain classes, and the event-sourced actor that journals and flushes them.
 *
 * <p>Called by its user's actor alone. What it has acknowledged is in the journal until it is in the layers, readable
 * exactly once at every moment between.
 */
@NullMarked
package memfuse.actors.session;

import org.jspecify.annotations.NullMarked;
