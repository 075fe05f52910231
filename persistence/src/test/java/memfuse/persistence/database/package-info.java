@NullMarked
package memfuse.persistence.database;

import org.jspecify.annotations.NullMarked;
