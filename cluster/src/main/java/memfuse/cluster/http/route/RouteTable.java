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
 * well. Whoever adds a route says what its callers {@link Need}. Filled at the start, only read afterwards.
 */
public final class RouteTable {
    /** Whether a request needs a place among those in work on the node. */
    public enum Admission {
        /** Refused when the node has enough to do or is stopping. */
        BOUNDED,
        /** The same, but its handler reads the body itself as it comes, bounds it, and may take its time. */
        STREAMED,
        /** Answered at once from memory, always. */
        FREE
    }

    /** A handler, what its callers need, and how its requests are admitted. */
    public record Route(Handler handler, Need need, Admission admission) {}

    /** A route as it was added. */
    public record Listed(String method, String pattern, Route route) {}

    /** What the table says of a request. */
    public sealed interface Match {}

    /** The request goes to this route. */
    public record Found(Listed listed, List<String> variables) implements Match {
        public Route route() {
            return listed.route();
        }
    }

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
    private final List<Listed> all = new ArrayList<>();

    public RouteTable get(String pattern, Need need, Handler handler) {
        return add(HttpMethods.GET, pattern, need, handler, Admission.BOUNDED);
    }

    public RouteTable post(String pattern, Need need, Handler handler) {
        return add(HttpMethods.POST, pattern, need, handler, Admission.BOUNDED);
    }

    public RouteTable put(String pattern, Need need, Handler handler) {
        return add(HttpMethods.PUT, pattern, need, handler, Admission.BOUNDED);
    }

    public RouteTable delete(String pattern, Need need, Handler handler) {
        return add(HttpMethods.DELETE, pattern, need, handler, Admission.BOUNDED);
    }

    /** A POST whose handler takes the body from the request's entity as it comes; {@link Call#body} is empty. */
    public RouteTable postStreamed(String pattern, Need need, Handler handler) {
        return add(HttpMethods.POST, pattern, need, handler, Admission.STREAMED);
    }

    /** A GET that is answered always and at once. */
    public RouteTable getFree(String pattern, Need need, Handler handler) {
        return add(HttpMethods.GET, pattern, need, handler, Admission.FREE);
    }

    /** All routes in the order in which they were added. */
    public List<Listed> all() {
        return Collections.unmodifiableList(all);
    }

    private RouteTable add(HttpMethod method, String pattern, Need need, Handler handler, Admission admission) {
        Listed listed = new Listed(method.name(), pattern, new Route(need.guarding(handler), need, admission));
        Node node = root;
        for (String segment : pattern.substring(1).split("/", -1)) {
            node = segment.startsWith("{") ? node.variable() : node.literal(segment);
        }
        if (node.routes.put(method.name(), listed) != null) {
            throw new IllegalArgumentException("a second route for " + method.name() + " " + pattern);
        }
        all.add(listed);
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
        private final Map<String, Listed> routes = new TreeMap<>();
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
            Listed route = routes.get(method.name());
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
