/**
 * How much of what answers a question is found: evidence recall on long conversations.
 *
 * <p>Started by hand with a data file; the conversations themselves are not part of the product.
 */
@NullMarked
package memfuse.bench.recall;

import org.jspecify.annotations.NullMarked;
