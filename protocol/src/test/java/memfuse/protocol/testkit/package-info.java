/**
 * The ports in memory, for the tests of other modules, with the contracts that these and the real stores must pass.
 *
 * <p>Published as the module's test jar. The fakes are thread-safe and fail as {@link
 * memfuse.protocol.testkit.StoreFaults} scripts it.
 */
@NullMarked
package memfuse.protocol.testkit;

import org.jspecify.annotations.NullMarked;
