/**
 * From text to vectors: counting tokens, cutting long texts, and the batching service in front of the embedding model.
 *
 * <p>Plain classes without actors; the node has one queue and one model, and its actors call them from their own
 * threads. Queries never wait for ingest, and ingest is shed when its queue is full: a unit without a vector is still
 * found by its words.
 */
@NullMarked
package memfuse.actors.embedding;

import org.jspecify.annotations.NullMarked;
