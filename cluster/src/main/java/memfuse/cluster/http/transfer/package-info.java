/**
 * A user's memory as a file: the export, a stream of lines, and the import, which stores all of a file or nothing.
 *
 * <p>The format is told in {@code docs/export.md}. Neither has a whole memory in its own: an export reads page by page as
 * fast as the client takes it, an import keeps the file on disk until it is all there.
 */
@NullMarked
package memfuse.cluster.http.transfer;

import org.jspecify.annotations.NullMarked;
