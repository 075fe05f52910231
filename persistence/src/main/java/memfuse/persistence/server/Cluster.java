package memfuse.persistence.server;

import static memfuse.persistence.server.EmbeddedPostgresException.Reason.FAILED;
import static memfuse.persistence.server.EmbeddedPostgresException.Reason.NO_ACCESS;
import static memfuse.persistence.server.EmbeddedPostgresException.Reason.WRONG_CLUSTER;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL cluster directory and the password of its one user.
 *
 * <p>It is initialised in a directory beside it and renamed when it is complete and on disk, so that a cluster is there
 * whole or not at all; what an interrupted attempt left is thrown away, and its directory's name is not used again: its
 * {@code initdb} may still run. The password is random, is kept in a file that
 * only this process's user may read, and is written before the cluster that needs it.
 */
final class Cluster {

    static final String USER = "memfuse";

    private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);
    private static final Duration INITDB_LIMIT = Duration.ofMinutes(5);
    private static final int PASSWORD_BYTES = 24;
    private static final String TEMPORARY_PREFIX = "cluster.new-";

    private final Path directory;
    private final String password;

    private Cluster(Path directory, String password) {
        this.directory = directory;
        this.password = password;
    }

    /** The password of the server whose directory this is. */
    static String passwordIn(Path serverDirectory) throws IOException {
        return readPassword(serverDirectory.resolve("password"));
    }

    /** Where the cluster of a server's directory is. */
    static Path in(Path serverDirectory) {
        return serverDirectory.resolve("cluster");
    }

    /**
     * Opens the cluster of a server's directory, and makes it first when it is not there.
     *
     * @param durable whether a new one is on disk before this returns
     */
    static Cluster open(Path serverDirectory, ServerTools tools, boolean durable) throws IOException {
        Path directory = in(serverDirectory);
        Path passwordFile = serverDirectory.resolve("password");
        FileTrees.discard(serverDirectory, TEMPORARY_PREFIX);
        if (!Files.exists(directory)) {
            String password = Files.exists(passwordFile) ? readPassword(passwordFile) : newPassword(passwordFile);
            initialise(serverDirectory, directory, password, tools, durable);
            return new Cluster(directory, password);
        }
        tools.account().takeOver(directory);
        requireVersion(directory, tools.distribution().majorVersion());
        return new Cluster(directory, readPassword(passwordFile));
    }

    Path directory() {
        return directory;
    }

    String password() {
        return password;
    }

    private static void initialise(
            Path serverDirectory, Path directory, String password, ServerTools tools, boolean durable)
            throws IOException {
        LOG.info("initialising the database in {}, once", directory);
        Path passwordForInit = serverDirectory.resolve("password.init");
        Path temporary = Files.createTempDirectory(serverDirectory, TEMPORARY_PREFIX);
        try {
            tools.account().own(temporary);
            FileTrees.writeSecret(passwordForInit, password);
            tools.account().own(passwordForInit);
            ToolProcess.Result result =
                    tools.run("initdb", arguments(temporary, passwordForInit, durable), INITDB_LIMIT);
            if (!result.succeeded()) {
                throw ServerFailures.of("initialising " + directory, result.complaint());
            }
            Files.move(temporary, directory, StandardCopyOption.ATOMIC_MOVE);
            FileTrees.syncDirectory(serverDirectory);
        } catch (IOException | RuntimeException e) {
            FileTrees.delete(temporary);
            throw e;
        } finally {
            Files.deleteIfExists(passwordForInit);
        }
    }

    /** The locale is the same on every system: Unicode text ordered by code point, with PostgreSQL's own tables. */
    private static List<String> arguments(Path directory, Path passwordFile, boolean durable) {
        return List.of(
                "--pgdata=" + directory,
                "--username=" + USER,
                "--pwfile=" + passwordFile,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                durable ? "--sync-method=fsync" : "--no-sync");
    }

    private static void requireVersion(Path directory, String wanted) throws IOException {
        Path file = directory.resolve("PG_VERSION");
        String found;
        try {
            found = Files.readString(file).strip();
        } catch (NoSuchFileException e) {
            throw new EmbeddedPostgresException(
                    WRONG_CLUSTER, "not a PostgreSQL cluster directory: " + directory + " has no PG_VERSION", e);
        }
        if (!found.equals(wanted)) {
            throw new EmbeddedPostgresException(
                    WRONG_CLUSTER,
                    "the database was made by another major version of PostgreSQL: " + directory + ", version=" + found
                            + ", supported=" + wanted);
        }
    }

    private static String newPassword(Path file) throws IOException {
        byte[] random = new byte[PASSWORD_BYTES];
        new SecureRandom().nextBytes(random);
        String password = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        FileTrees.writeSecret(file, password);
        return password;
    }

    private static String readPassword(Path file) throws IOException {
        try {
            String password = Files.readString(file).strip();
            if (password.isEmpty()) {
                throw new EmbeddedPostgresException(FAILED, "the database's password file is empty: " + file);
            }
            return password;
        } catch (NoSuchFileException e) {
            throw new EmbeddedPostgresException(NO_ACCESS, "the database's password file is missing: " + file, e);
        }
    }
}
