/**
 * What a session is asked, what it journals, and what it reports to its user's actor.
 *
 * <p>Requests may cross the wire inside {@link memfuse.protocol.user.UserProtocol.ToSession}; events are the journal's
 * format and change only by addition.
 */
@NullMarked
package memfuse.protocol.session;

import org.jspecify.annotations.NullMarked;
