/** The HTTP edge on a real server and real sockets, with a scripted gateway and a directory in memory behind it. */
@NullMarked
package memfuse.cluster.http;

import org.jspecify.annotations.NullMarked;
