/**
 * How much of what answers a question is found, on long conversations whose questions name their evidence: through the
 * packaged server and with the index alone. Called from {@link memfuse.bench.Bench}; the data is a file of the caller's,
 * in the shape of LoCoMo (Maharana et al. 2024).
 */
@NullMarked
package memfuse.bench.recall;

import org.jspecify.annotations.NullMarked;
