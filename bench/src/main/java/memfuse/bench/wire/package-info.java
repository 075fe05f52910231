/**
 * A client that costs next to nothing: requests made of bytes beforehand, sent over plain sockets. Used by the runs,
 * which share their processors with the server, so that what they measure is the server.
 */
@NullMarked
package memfuse.bench.wire;

import org.jspecify.annotations.NullMarked;
