/**
 * A user's memory taken from one server to another: what an import hands over, and the port that stores all or nothing of
 * it.
 *
 * <p>The HTTP edge reads the file and hands it on; that the user's actor takes up what is stored, is its care too.
 */
@NullMarked
package memfuse.protocol.transfer;

import org.jspecify.annotations.NullMarked;
