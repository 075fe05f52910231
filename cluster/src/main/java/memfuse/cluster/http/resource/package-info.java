/**
 * What each route does: health, users and agents, sessions, messages, queries and the buffers.
 *
 * <p>A resource reads its request, asks the directory or the user's actor, and renders the answer. It keeps no state.
 */
@NullMarked
package memfuse.cluster.http.resource;

import org.jspecify.annotations.NullMarked;
