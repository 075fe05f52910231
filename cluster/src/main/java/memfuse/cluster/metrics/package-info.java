/** What a node tells of itself: figures for Prometheus, and the same for people. */
@NullMarked
package memfuse.cluster.metrics;

import org.jspecify.annotations.NullMarked;
