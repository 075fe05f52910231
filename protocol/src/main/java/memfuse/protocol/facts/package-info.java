/**
 * M2: what messages say of whom, as facts, and the ports that find facts and keep them.
 *
 * <p>Facts follow the messages of M0 and hold nothing up: a session's messages are extracted from in their order, behind
 * its flushes, and the store knows how far that has come.
 */
@NullMarked
package memfuse.protocol.facts;

import org.jspecify.annotations.NullMarked;
