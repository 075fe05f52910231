/**
 * What finds facts in messages: patterns that know a few things for certain, or a model behind an OpenAI-compatible
 * endpoint.
 *
 * <p>Called by the backlog of facts in {@link memfuse.actors.layers}, through the port {@link
 * memfuse.protocol.facts.FactExtractor}. Plain classes; they know nothing of actors and of the store. A fact that is not
 * certain is left out: what was said can always be searched itself.
 */
@NullMarked
package memfuse.actors.extraction;

import org.jspecify.annotations.NullMarked;
