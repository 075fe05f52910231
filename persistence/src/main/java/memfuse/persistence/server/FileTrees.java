package memfuse.persistence.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the server does to whole directories: count, delete, give away; links are never followed. */
final class FileTrees {

    private static final Logger LOG = LoggerFactory.getLogger(FileTrees.class);

    private FileTrees() {}

    /** Deletes a tree; one that is not there is deleted already. */
    static void delete(Path tree) throws IOException {
        if (!Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                Files.deleteIfExists(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Deletes the entries of a directory whose names begin so; what cannot be deleted now is left for the next time. */
    static void discard(Path directory, String prefix) throws IOException {
        for (Path entry : list(directory, prefix)) {
            discard(entry);
        }
    }

    /** Deletes a tree; what cannot be deleted now is left for the next time. */
    static void discard(Path tree) {
        try {
            delete(tree);
        } catch (IOException e) {
            LOG.info("{} could not be deleted: {}", tree, e.toString());
        }
    }

    /** Makes a directory and those above it; one that is there may be reached by a symbolic link. */
    static Path createDirectories(Path directory) throws IOException {
        return Files.isDirectory(directory) ? directory : Files.createDirectories(directory);
    }

    /** The entries of a directory whose names begin so. */
    static List<Path> list(Path directory, String prefix) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(entry -> entry.getFileName().toString().startsWith(prefix))
                    .toList();
        }
    }

    /** Gives a tree to a user and group by their numbers. */
    static void chown(Path tree, int uid, int gid) throws IOException {
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                own(directory);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                own(file);
                return FileVisitResult.CONTINUE;
            }

            private void own(Path path) throws IOException {
                Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
                Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
            }
        });
    }

    /** The number and bytes of the files in the subdirectories of a directory, as text to compare. */
    static String inventory(Path directory) throws IOException {
        long[] filesAndBytes = new long[2];
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (!directory.equals(file.getParent())) {
                    filesAndBytes[0]++;
                    filesAndBytes[1] += attributes.isRegularFile() ? attributes.size() : 0;
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return "files=" + filesAndBytes[0] + " bytes=" + filesAndBytes[1] + "\n";
    }

    /** Makes a directory below {@code root}, and those between, readable by every account of the machine. */
    static void createReadableDirectory(Path root, Path directory) throws IOException {
        for (Path path = root; !path.equals(directory); ) {
            path = path.resolve(directory.getName(path.getNameCount()));
            if (!Files.isDirectory(path)) {
                Files.createDirectory(path);
                setMode(path, "rwxr-xr-x");
            }
        }
    }

    /** Writes a file that only this process's user may read, whole or not at all, and on disk before this returns. */
    static void writeSecret(Path file, String text) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(temporary);
        Files.createFile(temporary);
        setMode(temporary, "rw-------");
        try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Sets permissions where the file system knows them. */
    static void setMode(Path path, String mode) throws IOException {
        if (Files.getFileAttributeView(path, PosixFileAttributeView.class) != null) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
        }
    }

    /** Makes the entries of a directory survive a crash of the machine, where the system lets it be asked for. */
    static void syncDirectory(Path directory) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Windows does not open directories and orders their changes itself.
        }
    }
}
