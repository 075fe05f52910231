/**
 * The PostgreSQL that comes with the product: unpacked, initialised, started, adopted and stopped here.
 *
 * <p>The start of a node calls {@link memfuse.persistence.server.EmbeddedPostgres#start} when no external database is
 * configured. What it promises: one server and one process per data directory, nothing committed is lost by any kill,
 * and every failure is one {@link memfuse.persistence.server.EmbeddedPostgresException} that names the thing.
 */
@NullMarked
package memfuse.persistence.server;

import org.jspecify.annotations.NullMarked;
