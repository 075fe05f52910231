/**
 * From values to answers: the envelope, the objects of the contract, and the one mapping of refusals to statuses.
 *
 * <p>Resources build every answer here, so that a key, a text or a time looks the same everywhere.
 */
@NullMarked
package memfuse.cluster.http.output;

import org.jspecify.annotations.NullMarked;
