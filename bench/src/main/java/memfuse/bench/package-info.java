/**
 * The entry of the benchmarks: one program with a command for each question. Called by people; it starts the packaged
 * server by itself and promises to leave neither processes nor files behind.
 */
@NullMarked
package memfuse.bench;

import org.jspecify.annotations.NullMarked;
