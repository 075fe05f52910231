/**
 * Fairness between users where they share threads. Used by the actors of users and sessions; no user holds up the
 * others by asking for much, or for what is slow.
 */
@NullMarked
package memfuse.actors.turns;

import org.jspecify.annotations.NullMarked;
