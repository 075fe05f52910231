package memfuse.persistence.server;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The PostgreSQL parameters of the embedded server, given on its command line at every start.
 *
 * <p>What is not given here can be set in the cluster's {@code postgresql.conf}.
 */
final class ServerParameters {

    private static final Map<String, String> DEFAULTS = defaults();

    private ServerParameters() {}

    private static Map<String, String> defaults() {
        Map<String, String> p = new LinkedHashMap<>();
        // Reached by this machine alone; no sockets in the file system, whose paths may be too long for one.
        p.put("listen_addresses", "127.0.0.1");
        p.put("unix_socket_directories", "");
        p.put("max_connections", "200");
        // A commit that was answered is on disk.
        p.put("fsync", "on");
        p.put("synchronous_commit", "on");
        p.put("full_page_writes", "on");
        // One server, no replicas: the least that survives a crash, and no processes for the rest.
        p.put("wal_level", "minimal");
        p.put("max_wal_senders", "0");
        p.put("max_logical_replication_workers", "0");
        // Beside a JVM on a small machine, whose own index answers the queries.
        p.put("shared_buffers", "128MB");
        p.put("max_parallel_workers_per_gather", "0");
        p.put("jit", "off");
        // The journal is a short, hot queue: look at it often.
        p.put("autovacuum", "on");
        p.put("autovacuum_naptime", "10s");
        p.put("timezone", "UTC");
        // The log tells of the server, never of what users stored: no statements, parameters or row values.
        p.put("logging_collector", "off");
        p.put("log_checkpoints", "off");
        p.put("log_error_verbosity", "terse");
        p.put("log_min_error_statement", "panic");
        p.put("log_parameter_max_length_on_error", "0");
        return p;
    }

    /**
     * The server's arguments: the port, the defaults, and what overrides them; always in the same order, because a
     * running server is known by them.
     */
    static List<String> arguments(int port, Map<String, String> overrides) {
        Map<String, String> all = new LinkedHashMap<>(DEFAULTS);
        all.putAll(new TreeMap<>(overrides));
        List<String> arguments = new ArrayList<>(List.of("-p", Integer.toString(port)));
        all.forEach((name, value) -> {
            arguments.add("-c");
            arguments.add(name + "=" + value);
        });
        return arguments;
    }
}
