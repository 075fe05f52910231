/**
 * A user: the actor that owns the user's sessions, counts what is under way for them, and answers queries from the
 * user's index.
 *
 * <p>Called from any node through the sharding region. Every request is answered, a refusal included; nothing of one
 * user is seen by another.
 */
@NullMarked
package memfuse.actors.user;

import org.jspecify.annotations.NullMarked;
