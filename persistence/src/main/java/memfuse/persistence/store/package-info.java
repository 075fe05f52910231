/**
 * The directory, the API keys and the layers in PostgreSQL: users, agents, sessions, M0 messages and M1 units.
 *
 * <p>Called, through the ports of the protocol, on dispatchers for blocking work. Whoever writes rows of sessions locks
 * the sessions' own rows first, in the order of their ids: so no two transactions can wait for each other, and a session
 * whose row is gone is written no more.
 */
@NullMarked
package memfuse.persistence.store;

import org.jspecify.annotations.NullMarked;
