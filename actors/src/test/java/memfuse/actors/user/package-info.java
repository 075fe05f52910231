/** Tests of a user's actor, its index and its queries, with the journal and the store in memory that they run on. */
@NullMarked
package memfuse.actors.user;

import org.jspecify.annotations.NullMarked;
