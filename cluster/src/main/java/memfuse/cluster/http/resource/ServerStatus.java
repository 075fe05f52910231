package memfuse.cluster.http.resource;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What the health routes tell.
 *
 * @param config a few settings that tell servers apart, as texts, numbers and booleans; never a secret
 * @param notReadyBecause why the node should get no requests now, from memory; empty where it should
 */
public record ServerStatus(String version, Map<String, Object> config, Supplier<Optional<String>> notReadyBecause) {
    public ServerStatus {
        config = Map.copyOf(config);
    }
}
