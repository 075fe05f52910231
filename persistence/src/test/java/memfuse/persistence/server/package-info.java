@NullMarked
package memfuse.persistence.server;

import org.jspecify.annotations.NullMarked;
