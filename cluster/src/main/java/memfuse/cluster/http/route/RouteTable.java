package memfuse.cluster.http.route;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.pekko.http.javadsl.model.HttpMethod;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.Uri;
import org.jspecify.annotations.Nullable;

/**
 * Finds the route of a request: a tree of path segments, walked once.
 *
 * <p>Patterns are written {@code /users/{id}/query}. A literal segment goes before a variable one. GET answers HEAD as
 * well. Filled at the start, only read afterwards.
 */
public final class RouteTable {
    /** Whether a request needs a place among those in work on the node. */
    public enum Admission {
        /** Refused when the node has enough to do or is stopping. */
        BOUNDED,
        /** Answered at once from memory, always. */
        FREE
    }

    /** A handler and how its requests are admitted. */
    public record Route(Handler handler, Admission admission) {}

    /** What the table says of a request. */
    public sealed interface Match {}

    /** The request goes to this route. */
    public record Found(Route route, List<String> variables) implements Match {}

    /** The path is known, but not with this method; {@code allowed} are its methods. */
    public record OtherMethods(Set<String> allowed) implements Match {
        public OtherMethods {
            allowed = Collections.unmodifiableSet(allowed);
        }
    }

    /** No such path. */
    public record Unknown() implements Match {}

    private static final Unknown UNKNOWN = new Unknown();

    private final Node root = new Node();

    public RouteTable get(String pattern, Handler handler) {
        return add(HttpMethods.GET, pattern, handler);
    }

    public RouteTable post(String pattern, Handler handler) {
        return add(HttpMethods.POST, pattern, handler);
    }

    public RouteTable put(String pattern, Handler handler) {
        return add(HttpMethods.PUT, pattern, handler);
    }

    public RouteTable delete(String pattern, Handler handler) {
        return add(HttpMethods.DELETE, pattern, handler);
    }

    /** A GET that is answered always and at once. */
    public RouteTable getFree(String pattern, Handler handler) {
        return add(HttpMethods.GET, pattern, new Route(handler, Admission.FREE));
    }

    private RouteTable add(HttpMethod method, String pattern, Handler handler) {
        return add(method, pattern, new Route(handler, Admission.BOUNDED));
    }

    private RouteTable add(HttpMethod method, String pattern, Route route) {
        Node node = root;
        for (String segment : pattern.substring(1).split("/", -1)) {
            node = segment.startsWith("{") ? node.variable() : node.literal(segment);
        }
        if (node.routes.put(method.name(), route) != null) {
            throw new IllegalArgumentException("a second route for " + method.name() + " " + pattern);
        }
        return this;
    }

    public Match match(HttpMethod method, Uri uri) {
        List<String> variables = new ArrayList<>(2);
        Node node = root;
        for (var path = uri.asScala().path(); !path.isEmpty(); path = path.tail()) {
            if (path.startsWithSlash()) {
                if (path.tail().startsWithSlash()) {
                    return UNKNOWN;
                }
                continue;
            }
            String segment = (String) path.head();
            Node literal = node.literals.get(segment);
            if (literal != null) {
                node = literal;
            } else if (node.variable != null && segment.indexOf('\0') < 0) {
                variables.add(segment);
                node = node.variable;
            } else {
                return UNKNOWN;
            }
        }
        return node.match(method, variables);
    }

    private static final class Node {
        private final Map<String, Node> literals = new HashMap<>();
        private final Map<String, Route> routes = new TreeMap<>();
        private @Nullable Node variable;

        private Node literal(String segment) {
            return literals.computeIfAbsent(segment, absent -> new Node());
        }

        private Node variable() {
            if (variable == null) {
                variable = new Node();
            }
            return variable;
        }

        private Match match(HttpMethod method, List<String> variables) {
            Route route = routes.get(method.name());
            if (route == null && method.equals(HttpMethods.HEAD)) {
                route = routes.get(HttpMethods.GET.name());
            }
            if (route != null) {
                return new Found(route, variables);
            }
            return routes.isEmpty() ? UNKNOWN : new OtherMethods(allowed());
        }

        private Set<String> allowed() {
            Set<String> allowed = new TreeSet<>(routes.keySet());
            if (allowed.contains(HttpMethods.GET.name())) {
                allowed.add(HttpMethods.HEAD.name());
            }
            return allowed;
        }
    }
}
