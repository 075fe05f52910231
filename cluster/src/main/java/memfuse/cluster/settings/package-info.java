/**
 * What can be set, from where, and within which limits.
 *
 * <p>{@code Main} reads the command line and the settings once, before anything else starts; all others receive
 * immutable records. What is unknown, unreadable or out of range is refused in one line that names the key, its value
 * and its place.
 */
@NullMarked
package memfuse.cluster.settings;

import org.jspecify.annotations.NullMarked;
