/**
 * The way to PostgreSQL, embedded or external: connection settings, the layers' pool, the journal's configuration, the
 * schema's migrations and the health check.
 *
 * <p>The start of a node opens a {@link memfuse.persistence.database.Database} and migrates it before anything else
 * uses it; the stores take its data source. What it promises: waits for a connection are bounded, a dead server is
 * noticed, and asking for the health costs nothing.
 */
@NullMarked
package memfuse.persistence.database;

import org.jspecify.annotations.NullMarked;
