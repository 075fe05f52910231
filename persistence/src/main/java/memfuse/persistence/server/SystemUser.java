package memfuse.persistence.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A user of a Unix machine.
 *
 * @param name null when the machine has no name for the number
 */
record SystemUser(@Nullable String name, int uid, int gid) {

    static final Path PASSWD = Path.of("/etc/passwd");

    /** Who may run a server for root, best first; PostgreSQL's tools need a user with a name. */
    private static final List<String> UNPRIVILEGED = List.of("postgres", "nobody", "daemon");

    static boolean thisProcessIsRoot(Platform platform) throws IOException {
        return platform.isLinux()
                ? Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))
                : "root".equals(System.getProperty("user.name"));
    }

    static Optional<SystemUser> unprivileged() {
        List<SystemUser> known = known();
        return UNPRIVILEGED.stream()
                .flatMap(name -> known.stream().filter(user -> name.equals(user.name())))
                .findFirst();
    }

    static SystemUser numbered(int uid, int gid) {
        Optional<String> name =
                known().stream().filter(user -> user.uid() == uid).findFirst().map(SystemUser::name);
        return new SystemUser(name.orElse(null), uid, gid);
    }

    private static List<SystemUser> known() {
        try (Stream<String> lines = Files.lines(PASSWD, StandardCharsets.ISO_8859_1)) {
            return lines.flatMap(line -> parse(line).stream()).toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** Reads {@code name:password:uid:gid:…}; other lines are not users. */
    static Optional<SystemUser> parse(String line) {
        String[] fields = line.split(":", -1);
        if (fields.length < 4 || !fields[2].matches("-?[0-9]{1,9}") || !fields[3].matches("-?[0-9]{1,9}")) {
            return Optional.empty();
        }
        return Optional.of(new SystemUser(fields[0], Integer.parseInt(fields[2]), Integer.parseInt(fields[3])));
    }

    @Override
    public String toString() {
        return name == null ? "uid " + uid : "user " + name;
    }
}
