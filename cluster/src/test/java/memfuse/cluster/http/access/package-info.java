/** Tests of keys in use, of the gate's parts, and of the buckets, with times that the tests set. */
@NullMarked
package memfuse.cluster.http.access;

import org.jspecify.annotations.NullMarked;
