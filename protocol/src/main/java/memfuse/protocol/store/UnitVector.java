package memfuse.protocol.store;

import memfuse.protocol.memory.UnitKey;

/**
 * An embedding that was ready after its unit was flushed.
 *
 * @param embeddedText the text it was made of; a unit that has another text by now does not take it
 * @param vector of unit length
 */
public record UnitVector(String userId, UnitKey key, String embeddedText, float[] vector) {}
