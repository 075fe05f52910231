@NullMarked
package memfuse.persistence.store;

import org.jspecify.annotations.NullMarked;
