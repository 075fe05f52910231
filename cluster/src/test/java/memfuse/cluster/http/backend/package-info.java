@NullMarked
package memfuse.cluster.http.backend;

import org.jspecify.annotations.NullMarked;
