@NullMarked
package memfuse.cluster.membership;

import org.jspecify.annotations.NullMarked;
