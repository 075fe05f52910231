/**
 * Users, agents and the sessions between them, and the port that keeps them.
 *
 * <p>The HTTP edge reads them; what belongs to a user is changed through the user's actor.
 */
@NullMarked
package memfuse.protocol.directory;

import org.jspecify.annotations.NullMarked;
