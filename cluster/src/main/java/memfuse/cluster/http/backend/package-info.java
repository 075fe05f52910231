/**
 * What the API stands on: the users' actors, and the directory of users, agents and sessions.
 *
 * <p>Resources ask here and get futures that are completed on threads of the server's choosing, never on the common
 * pool. The path of a message needs no database: which session is whose is remembered, within a bound.
 */
@NullMarked
package memfuse.cluster.http.backend;

import org.jspecify.annotations.NullMarked;
