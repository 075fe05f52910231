/**
 * The directory, the API keys, the layers and the knowledge in PostgreSQL: users, agents, sessions, M0 messages, M1 units.
 * The journal's plugin writes its batches here too.
 *
 * <p>Called, through the ports of the protocol, on dispatchers for blocking work. Whoever writes rows of users' knowledge
 * or of sessions locks the users' own rows first and then the sessions', each in the order of their ids: so no two
 * transactions can wait for each other, and a session or a user whose row is gone is written no more.
 */
@NullMarked
package memfuse.persistence.store;

import org.jspecify.annotations.NullMarked;
