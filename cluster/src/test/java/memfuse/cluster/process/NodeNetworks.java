package memfuse.cluster.process;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Random;

/**
 * A network of its own for each node, made of the kernel's namespaces ({@code ip netns}), with two cables: one to this
 * machine, where clients and PostgreSQL are, and one to the other nodes, by a switch that can be taken apart.
 *
 * <p>Nobody is told of a cut: what is sent to the other side is lost without a word, as by a broken switch. Names and
 * addresses are new ones for each object, and everything is gone when it is closed or this process ends.
 */
final class NodeNetworks implements AutoCloseable {
    /** Networks that are kept for tests of networks (RFC 2544); nobody has them elsewhere. */
    private static final String TO_THIS_MACHINE = "198.18.";

    private static final String TO_OTHER_NODES = "198.19.";
    private static final int THIS_MACHINE = 1;
    private static final int FIRST_NODE = 11;
    private static final int THIRD_BYTES = 256;
    private static final Random ANYWHERE = new Random();

    /** Both are bridges in a namespace where nothing filters; the second one is for those who are cut off. */
    private static final String SWITCH = "switch";

    private static final String OTHER_SWITCH = "elsewhere";

    /** Begins the names of all namespaces and devices of this object. */
    private final String name = "mf" + Integer.toString(ANYWHERE.nextInt(1 << 25), Character.MAX_RADIX);

    private final int third = ANYWHERE.nextInt(THIRD_BYTES);
    private final int count;
    private final Thread endWithTheTests = new Thread(this::remove, "remove-networks");

    private NodeNetworks(int count) {
        this.count = count;
    }

    /** Makes them; a test is skipped where that is not permitted, or where there is no {@code ip}. */
    static NodeNetworks of(int count) {
        NodeNetworks networks = new NodeNetworks(count);
        assumeTrue(networks.canBeMade(), "network namespaces cannot be made here: ip netns add failed");
        Runtime.getRuntime().addShutdownHook(networks.endWithTheTests);
        try {
            networks.make();
        } catch (AssertionError | RuntimeException e) {
            networks.close();
            throw e;
        }
        return networks;
    }

    private boolean canBeMade() {
        try {
            return tried("netns", "add", middle()).status() == 0;
        } catch (UncheckedIOException notInstalled) {
            return false;
        }
    }

    private void make() {
        inside(middle(), "link", "add", SWITCH, "type", "bridge");
        inside(middle(), "link", "add", OTHER_SWITCH, "type", "bridge");
        inside(middle(), "link", "set", SWITCH, "up");
        inside(middle(), "link", "set", OTHER_SWITCH, "up");
        ip("link", "add", name, "type", "bridge");
        ip("address", "add", TO_THIS_MACHINE + third + "." + THIS_MACHINE + "/24", "dev", name);
        ip("link", "set", name, "up");
        for (int node = 0; node < count; node++) {
            ip("netns", "add", of(node, ""));
            inside(of(node, ""), "link", "set", "lo", "up");
            ip("link", "add", of(node, "v"), "type", "veth", "peer", "name", "machine", "netns", of(node, ""));
            ip("link", "set", of(node, "v"), "master", name, "up");
            inside(of(node, ""), "address", "add", serviceHost(node) + "/24", "dev", "machine");
            inside(of(node, ""), "link", "set", "machine", "up");
            inside(middle(), "link", "add", port(node), "type", "veth", "peer", "name", "nodes", "netns", of(node, ""));
            inside(middle(), "link", "set", port(node), "master", SWITCH, "up");
            inside(of(node, ""), "address", "add", clusterHost(node) + "/24", "dev", "nodes");
            inside(of(node, ""), "link", "set", "nodes", "up");
        }
    }

    private String middle() {
        return name + "m";
    }

    private String of(int node, String what) {
        return name + what + node;
    }

    private static String port(int node) {
        return "port" + node;
    }

    /** Where this machine is reached from all nodes, at all times. */
    InetAddress thisMachine() throws IOException {
        return InetAddress.getByName(TO_THIS_MACHINE + third + "." + THIS_MACHINE);
    }

    /** Where a node is reached from this machine, at all times. */
    String serviceHost(int node) {
        return TO_THIS_MACHINE + third + "." + (FIRST_NODE + node);
    }

    /** Where a node is reached from the other nodes. */
    String clusterHost(int node) {
        return TO_OTHER_NODES + third + "." + (FIRST_NODE + node);
    }

    /** Begins a command that is to run in the network of a node. */
    List<String> command(int node) {
        return List.of("ip", "netns", "exec", of(node, ""));
    }

    /** From now on these nodes reach each other and none of the rest, and the rest none of them. */
    void cutOff(Collection<Integer> nodes) {
        nodes.forEach(node -> inside(middle(), "link", "set", port(node), "master", OTHER_SWITCH));
    }

    /** From now on all nodes reach each other again. */
    void heal() {
        for (int node = 0; node < count; node++) {
            inside(middle(), "link", "set", port(node), "master", SWITCH);
        }
    }

    private static void inside(String namespace, String... arguments) {
        List<String> all = new ArrayList<>(List.of("-n", namespace));
        all.addAll(Arrays.asList(arguments));
        ip(all.toArray(String[]::new));
    }

    private static void ip(String... arguments) {
        Result result = tried(arguments);
        if (result.status() != 0) {
            throw new AssertionError("ip " + String.join(" ", arguments) + ": " + result.text());
        }
    }

    private record Result(int status, String text) {}

    private static Result tried(String... arguments) {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(Arrays.asList(arguments));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Result(process.waitFor(), text.strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Goes on to the end whatever is not there. The cables go with the namespaces. */
    private void remove() {
        for (int node = 0; node < count; node++) {
            tried("netns", "delete", of(node, ""));
        }
        tried("netns", "delete", middle());
        tried("link", "delete", name);
    }

    @Override
    public void close() {
        remove();
        Runtime.getRuntime().removeShutdownHook(endWithTheTests);
    }
}
