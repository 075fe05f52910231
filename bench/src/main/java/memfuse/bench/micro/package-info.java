/**
 * What single parts cost: an index search, an embedding, letting a request in. Benchmarks under JMH, and reports that count
 * CPU time.
 *
 * <p>Started by hand; each says which question it answers and how to run it.
 */
@NullMarked
package memfuse.bench.micro;

import org.jspecify.annotations.NullMarked;
