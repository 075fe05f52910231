/**
 * Searching one user's memory: the in-heap index, its scores, and the cache of answers.
 *
 * <p>Plain classes without actors, each owned by one user's actor and not thread-safe. What is added is found at once,
 * by its words before its embedding is ready; what is removed is found no more.
 */
@NullMarked
package memfuse.actors.retrieval;

import org.jspecify.annotations.NullMarked;
