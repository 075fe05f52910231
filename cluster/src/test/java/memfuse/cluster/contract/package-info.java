/**
 * The OpenAPI document as tests use it: read from a server, held against the standard, and against what the server does.
 *
 * <p>Tests of the API and tests of the process ask here which operations there are, what to send, and what to expect.
 */
@NullMarked
package memfuse.cluster.contract;

import org.jspecify.annotations.NullMarked;
