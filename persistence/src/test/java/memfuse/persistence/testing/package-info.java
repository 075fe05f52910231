/**
 * A real PostgreSQL for tests: one server for each test JVM, and on it a fresh, migrated database for each test class.
 *
 * <p>Tests of every module may use it through this module's test jar, see {@link
 * memfuse.persistence.testing.TestDatabase}.
 */
@NullMarked
package memfuse.persistence.testing;

import org.jspecify.annotations.NullMarked;
