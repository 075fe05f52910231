/**
 * What is common to the clients of OpenAI-compatible APIs: pauses between attempts, and answers of bounded size. Facts are
 * extracted and texts embedded over such APIs, where that is set.
 */
@NullMarked
package memfuse.actors.openai;

import org.jspecify.annotations.NullMarked;
