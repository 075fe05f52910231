package memfuse.persistence.server;

import static memfuse.persistence.server.EmbeddedPostgresException.Reason.NO_ACCOUNT;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operating system account the server runs under: this process's own, or an unprivileged one when this process is
 * root, because PostgreSQL refuses root.
 *
 * <p>The unprivileged account need not be able to reach the data directory (it may lie below {@code /root}, mode 700):
 * then the server gets the one capability to search directories, and nothing that is not ours changes its permissions.
 * PostgreSQL looks at its own files with access(2), which forgets capabilities at a change of user unless
 * {@code no_setuid_fixup} is set.
 */
final class ServerAccount {

    private static final Logger LOG = LoggerFactory.getLogger(ServerAccount.class);
    private static final Duration PROBE_LIMIT = Duration.ofSeconds(20);

    /** Run as {@code sh -c PROBE sh directory postgres}: reaches the directory, and the binary runs. */
    private static final String PROBE = "test -x \"$1\" && exec \"$2\" -V";

    private final List<String> prefix;
    private final @Nullable SystemUser user;

    private ServerAccount(List<String> prefix, @Nullable SystemUser user) {
        this.prefix = prefix;
        this.user = user;
    }

    /**
     * The account for a cluster directory: its owner when it is there, so that a server keeps its account for life.
     *
     * @param directory holds, or will hold, the cluster directory, and is where tools run
     */
    static ServerAccount forCluster(Path cluster, Path directory, Distribution distribution, Platform platform)
            throws IOException {
        if (platform.isWindows() || !SystemUser.thisProcessIsRoot(platform)) {
            return ofThisProcess();
        }
        SystemUser user = ownerOf(cluster).or(SystemUser::unprivileged).orElseThrow(ServerAccount::noUser);
        String postgres = distribution.executable("postgres").toString();
        for (List<String> prefix : waysToBecome(user)) {
            List<String> probe = new ArrayList<>(prefix);
            probe.addAll(List.of("/bin/sh", "-c", PROBE, "sh", directory.toString(), postgres));
            if (succeeds(directory, probe)) {
                LOG.debug("PostgreSQL runs as {} by {}", user, prefix);
                return new ServerAccount(prefix, user);
            }
        }
        throw new EmbeddedPostgresException(
                NO_ACCOUNT,
                "PostgreSQL does not run as root, and " + user + " cannot be taken on or cannot reach " + directory
                        + "; start as another user, choose another MEMFUSE_DATA_DIR or set MEMFUSE_JDBC_URL");
    }

    static ServerAccount ofThisProcess() {
        return new ServerAccount(List.of(), null);
    }

    /** The command as it must be run to run under this account. */
    List<String> command(Path executable, List<String> arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.add(executable.toString());
        command.addAll(arguments);
        return command;
    }

    /** Gives a file or a whole directory of ours to the account. */
    void own(Path tree) throws IOException {
        if (user != null) {
            FileTrees.chown(tree, user.uid(), user.gid());
        }
    }

    /** Gives a directory of ours to the account when it is not the account's yet, as after a copy made by root. */
    void takeOver(Path tree) throws IOException {
        if (user != null && !Integer.valueOf(user.uid()).equals(Files.getAttribute(tree, "unix:uid"))) {
            LOG.info("giving {} to {}", tree, user);
            own(tree);
        }
    }

    private static Optional<SystemUser> ownerOf(Path cluster) throws IOException {
        if (!Files.isDirectory(cluster)) {
            return Optional.empty();
        }
        int uid = (int) Files.getAttribute(cluster, "unix:uid");
        int gid = (int) Files.getAttribute(cluster, "unix:gid");
        return uid == 0 ? Optional.empty() : Optional.of(SystemUser.numbered(uid, gid));
    }

    private static List<List<String>> waysToBecome(SystemUser user) {
        List<String> plain = List.of("setpriv", "--reuid=" + user.uid(), "--regid=" + user.gid(), "--clear-groups");
        List<List<String>> ways = new ArrayList<>();
        ways.add(plain);
        ways.add(withCapability(plain, "dac_read_search"));
        ways.add(withCapability(plain, "dac_override"));
        if (user.name() != null) {
            ways.add(List.of("runuser", "-u", user.name(), "--"));
            ways.add(List.of("sudo", "-n", "-u", user.name(), "--"));
            ways.add(List.of("su", "-s", "/bin/sh", "-c", "exec \"$0\" \"$@\"", "--", user.name()));
        }
        return ways;
    }

    private static List<String> withCapability(List<String> plain, String capability) {
        List<String> way = new ArrayList<>(plain);
        way.add("--inh-caps=-all,+" + capability);
        way.add("--ambient-caps=-all,+" + capability);
        way.add("--securebits=+no_setuid_fixup");
        return way;
    }

    private static boolean succeeds(Path directory, List<String> command) {
        try {
            return ToolProcess.run(directory, command, PROBE_LIMIT).succeeded();
        } catch (IOException e) {
            LOG.debug("{} cannot be run", command.get(0), e);
            return false;
        }
    }

    private static EmbeddedPostgresException noUser() {
        return new EmbeddedPostgresException(
                NO_ACCOUNT,
                "PostgreSQL does not run as root, and there is no unprivileged user in " + SystemUser.PASSWD
                        + "; start as another user or set MEMFUSE_JDBC_URL");
    }
}
