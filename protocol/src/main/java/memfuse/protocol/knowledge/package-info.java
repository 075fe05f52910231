/**
 * What a user is known to know or to be, given to the server as it is: items of text beside all conversations, and the
 * port that keeps them.
 *
 * <p>The HTTP edge makes the items, the user's actor has them written, one request after the other, and searches them
 * with the messages.
 */
@NullMarked
package memfuse.protocol.knowledge;

import org.jspecify.annotations.NullMarked;
