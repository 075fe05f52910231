package memfuse.persistence.server;

import static memfuse.persistence.server.EmbeddedPostgresException.Reason.UNSUPPORTED_PLATFORM;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** The packed binaries of one platform on the class path: a tar file under xz, and its checksum. */
final class DistributionArchive {

    private static final int OWNER_MAY_EXECUTE = 0100;

    private final URL resource;
    private final String checksum;

    private DistributionArchive(URL resource, String checksum) {
        this.resource = resource;
        this.checksum = checksum;
    }

    static DistributionArchive find(Platform platform) throws IOException {
        for (String name : platform.archives()) {
            URL resource = DistributionArchive.class.getResource("/" + name);
            if (resource != null) {
                return new DistributionArchive(resource, checksum(resource));
            }
        }
        throw new EmbeddedPostgresException(
                UNSUPPORTED_PLATFORM, "no PostgreSQL binaries for " + platform + "; set MEMFUSE_JDBC_URL");
    }

    /** Eight hexadecimal digits; other binaries have others. */
    String checksum() {
        return checksum;
    }

    void unpackInto(Path directory) throws IOException {
        try (InputStream packed = new BufferedInputStream(resource.openStream(), 1 << 16);
                TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(packed), "UTF-8")) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                unpack(tar, entry, directory);
            }
        }
    }

    private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path directory) throws IOException {
        Path target = directory.resolve(entry.getName()).normalize();
        if (!target.startsWith(directory)) {
            throw new IOException("the archive leads out of its directory: " + entry.getName());
        }
        if (entry.isDirectory()) {
            FileTrees.createReadableDirectory(directory, target);
            return;
        }
        FileTrees.createReadableDirectory(directory, Objects.requireNonNull(target.getParent()));
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
            return;
        }
        try (OutputStream out = Files.newOutputStream(target)) {
            tar.transferTo(out);
        }
        FileTrees.setMode(target, (entry.getMode() & OWNER_MAY_EXECUTE) != 0 ? "rwxr-xr-x" : "rw-r--r--");
    }

    /** The checksum that the jar's directory already holds; computed where the resource is not in a jar. */
    private static String checksum(URL resource) throws IOException {
        URLConnection connection = resource.openConnection();
        connection.setUseCaches(false);
        long crc;
        if (connection instanceof JarURLConnection jar) {
            try (var file = jar.getJarFile()) {
                crc = file.getJarEntry(jar.getEntryName()).getCrc();
            }
        } else {
            try (CheckedInputStream in = new CheckedInputStream(connection.getInputStream(), new CRC32())) {
                in.transferTo(OutputStream.nullOutputStream());
                crc = in.getChecksum().getValue();
            }
        }
        return String.format("%08x", crc);
    }
}
