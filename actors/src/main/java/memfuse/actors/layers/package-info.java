/**
 * What happens to the layers behind a flush: units that were flushed without an embedding get theirs, and facts are
 * extracted from the messages.
 *
 * <p>Called by sessions through {@link memfuse.actors.session.UnitEmbedder} and {@link
 * memfuse.actors.session.FactLayer}. Promises that every unit is embedded and every message extracted from in the end,
 * after a restart as well, and none by two at a time. Neither waits for the other.
 */
@NullMarked
package memfuse.actors.layers;

import org.jspecify.annotations.NullMarked;
