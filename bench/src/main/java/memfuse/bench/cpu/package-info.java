/**
 * Who spent the processor's time: by thread of the server, by process of PostgreSQL, and by part of the code. Called by
 * the runs before and after a round. Reads {@code /proc}, so it works on Linux alone.
 */
@NullMarked
package memfuse.bench.cpu;

import org.jspecify.annotations.NullMarked;
