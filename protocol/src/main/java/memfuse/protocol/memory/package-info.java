/**
 * The values of a conversation: messages, the units they are searched by, and history requests.
 *
 * <p>Immutable and validated; made at the HTTP edge, kept by sessions, written by the store.
 */
@NullMarked
package memfuse.protocol.memory;

import org.jspecify.annotations.NullMarked;
