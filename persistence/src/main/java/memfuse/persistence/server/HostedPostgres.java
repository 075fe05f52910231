package memfuse.persistence.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The embedded server of a data directory that another process of this machine started and will stop.
 *
 * <p>It keeps its port over the restarts of its host, so what is told here stays true.
 */
public record HostedPostgres(String jdbcUrl, String user, String password) {

    /**
     * Finds it by what it wrote into the data directory.
     *
     * @return empty when no server accepts connections there
     * @throws EmbeddedPostgresException the data directory cannot be read
     */
    public static Optional<HostedPostgres> find(Path dataDirectory) {
        Path wanted = dataDirectory.toAbsolutePath().normalize();
        Path serverDirectory = wanted.resolve("postgres");
        try {
            if (!Files.exists(serverDirectory)) {
                return Optional.empty();
            }
            serverDirectory = serverDirectory.toRealPath();
            Path cluster = Cluster.in(serverDirectory);
            Optional<PostmasterFile> running = PostmasterFile.read(cluster)
                    .filter(PostmasterFile::ready)
                    .filter(server -> RunningServer.isServerOf(cluster, server, Platform.current()));
            if (running.isEmpty()) {
                return Optional.empty();
            }
            String url = EmbeddedPostgres.jdbcUrl(running.get().port());
            return Optional.of(new HostedPostgres(url, Cluster.USER, Cluster.passwordIn(serverDirectory)));
        } catch (IOException e) {
            throw ServerFailures.of(wanted, e);
        }
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "HostedPostgres[jdbcUrl=" + jdbcUrl + ", user=" + user + ", password=***]";
    }
}
