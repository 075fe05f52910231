/**
 * The packaged server as users run it: a process that is started, killed, starved of its database and started again.
 *
 * <p>Each {@code *IT} class is named by the fault it causes and speaks HTTP alone, except where it looks into the
 * database to see what is really stored. Whatever is random comes from a seed that is printed; {@code -Dmemfuse.seed=N}
 * repeats a run. A {@link memfuse.cluster.process.Scene} ends everything a test started.
 */
@NullMarked
package memfuse.cluster.process;

import org.jspecify.annotations.NullMarked;
