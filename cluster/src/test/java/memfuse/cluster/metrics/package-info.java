@NullMarked
package memfuse.cluster.metrics;

import org.jspecify.annotations.NullMarked;
