/**
 * What happens to the layers behind a flush: units that were flushed without an embedding get theirs.
 *
 * <p>Called by sessions through {@link memfuse.actors.session.UnitEmbedder}. Promises that every unit is embedded in the
 * end, after a restart as well, and none is embedded by two at a time.
 */
@NullMarked
package memfuse.actors.layers;

import org.jspecify.annotations.NullMarked;
