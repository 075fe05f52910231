/**
 * The server: it starts, joins its parts, and stops.
 *
 * <p>{@code Main} is the entry point of the executable jar. A start that cannot succeed ends with one line that says
 * why, and exit status 1.
 */
@NullMarked
package memfuse.cluster;

import org.jspecify.annotations.NullMarked;
