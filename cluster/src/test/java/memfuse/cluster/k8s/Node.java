package memfuse.cluster.k8s;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import memfuse.cluster.settings.CommandLine;
import memfuse.cluster.settings.LoadedSettings;

/** A node as manifests describe it: its pod, and what the server's settings are in its environment. */
record Node(Deployment deployment) {
    static final String POD_IP = "10.1.2.3";

    static Node in(List<HasMetadata> objects) {
        return new Node(Manifests.only(Deployment.class, objects));
    }

    PodTemplateSpec pod() {
        return deployment.getSpec().getTemplate();
    }

    Container container() {
        return pod().getSpec().getContainers().get(0);
    }

    int port(String name) {
        return container().getPorts().stream()
                .filter(port -> port.getName().equals(name))
                .map(ContainerPort::getContainerPort)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no port is named " + name));
    }

    /** The settings as the server reads and checks them at its start. */
    LoadedSettings settings() {
        CommandLine.Start nothing = new CommandLine.Start(Optional.empty(), Map.of());
        return LoadedSettings.load(nothing, environment(), new Properties());
    }

    /** Names and values, with those of a pod and of the example Secrets where the cluster has to say. */
    Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>();
        for (EnvVar variable : container().getEnv()) {
            String value = variable.getValue() == null ? fromElsewhere(variable.getValueFrom()) : variable.getValue();
            environment.put(variable.getName(), value.replace("$(POD_IP)", POD_IP));
        }
        return environment;
    }

    private static String fromElsewhere(EnvVarSource source) {
        if (source.getSecretKeyRef() != null) {
            return secret(
                    source.getSecretKeyRef().getName(), source.getSecretKeyRef().getKey());
        }
        return source.getFieldRef() != null ? POD_IP : "2";
    }

    private static String secret(String name, String key) {
        try {
            return Manifests.all(Secret.class, Manifests.read(Manifests.EXAMPLES.resolve("secrets.yaml"))).stream()
                    .filter(secret -> secret.getMetadata().getName().equals(name))
                    .map(secret -> secret.getStringData().get(key))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no example Secret is named " + name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
