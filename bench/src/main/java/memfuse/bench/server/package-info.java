/**
 * The server under measurement: the packaged jar as a child process, its database, and the tools of the JDK that look
 * into it. Used by the runs; everything started here is stopped with it.
 */
@NullMarked
package memfuse.bench.server;

import org.jspecify.annotations.NullMarked;
