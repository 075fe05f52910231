package memfuse.persistence.server;

import static memfuse.persistence.server.EmbeddedPostgresException.Reason.DISK_FULL;
import static memfuse.persistence.server.EmbeddedPostgresException.Reason.FAILED;
import static memfuse.persistence.server.EmbeddedPostgresException.Reason.NOT_A_DIRECTORY;
import static memfuse.persistence.server.EmbeddedPostgresException.Reason.NO_ACCESS;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Objects;

/** Turns what the file system and PostgreSQL's tools say into the server's one exception. */
final class ServerFailures {

    private static final String NO_SPACE = "No space left on device";
    private static final String READ_ONLY = "Read-only file system";

    private ServerFailures() {}

    /** A complaint of one of PostgreSQL's tools or of the server's log. */
    static EmbeddedPostgresException of(String doing, String complaint) {
        return new EmbeddedPostgresException(
                complaint.contains(NO_SPACE) ? DISK_FULL : FAILED, doing + " failed: " + complaint);
    }

    /** A failure of the file system, somewhere below the data directory. */
    static EmbeddedPostgresException of(Path dataDirectory, IOException e) {
        String text = Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
        String file =
                e instanceof FileSystemException f && f.getFile() != null ? f.getFile() : dataDirectory.toString();
        if (text.contains(NO_SPACE)) {
            return new EmbeddedPostgresException(DISK_FULL, "no space left on the disk of " + file, e);
        }
        if (e instanceof NotDirectoryException
                || e instanceof FileAlreadyExistsException
                || text.contains("Not a directory")) {
            return new EmbeddedPostgresException(NOT_A_DIRECTORY, "not a directory: " + file, e);
        }
        if (e instanceof AccessDeniedException || text.contains(READ_ONLY)) {
            return new EmbeddedPostgresException(NO_ACCESS, "no access to " + described(dataDirectory, file), e);
        }
        return new EmbeddedPostgresException(FAILED, "the data directory " + dataDirectory + " fails: " + text, e);
    }

    private static String described(Path dataDirectory, String file) {
        return file.equals(dataDirectory.toString())
                ? "the data directory " + dataDirectory
                : file + " in the data directory " + dataDirectory;
    }
}
