/**
 * What a user's actor is asked over the wire and what it answers: everything that belongs to one user.
 *
 * <p>The HTTP edge asks through the sharding region; every request is answered, a refusal included.
 */
@NullMarked
package memfuse.protocol.user;

import org.jspecify.annotations.NullMarked;
