package memfuse.cluster.settings;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where a node of the cluster is.
 *
 * @param host a name or an IP address, without brackets
 */
public record SeedNode(String host, int port) {

    /** Reads "host:port,host:port"; empty where that is not what it says. */
    static Optional<List<SeedNode>> listOf(String text) {
        List<Optional<SeedNode>> nodes = Stream.of(text.split(",", -1))
                .map(String::strip)
                .filter(node -> !text.isBlank())
                .map(SeedNode::of)
                .toList();
        return nodes.stream().allMatch(Optional::isPresent)
                ? Optional.of(
                        nodes.stream().flatMap(Optional::stream).distinct().toList())
                : Optional.empty();
    }

    private static Optional<SeedNode> of(String text) {
        try {
            URI address = new URI("memfuse://" + text);
            boolean plain = address.getHost() != null
                    && address.getPort() > 0
                    && address.getPort() <= 65_535
                    && address.getRawAuthority().equals(text)
                    && address.getRawUserInfo() == null;
            return plain
                    ? Optional.of(new SeedNode(address.getHost().replaceAll("[\\[\\]]", ""), address.getPort()))
                    : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
