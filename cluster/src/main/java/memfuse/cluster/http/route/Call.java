package memfuse.cluster.http.route;

import java.util.List;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.util.ByteString;

/**
 * One request on its way to a handler, with its whole body.
 *
 * @param variables the decoded path segments that stand for {@code {…}} in the route's pattern, in order
 * @param request for headers and the query; its entity has been read already, unless the route takes it as it comes
 * @param caller who sent it; the route's need is met already, and where that leaves the owner to the handler, it asks here
 */
public record Call(List<String> variables, HttpRequest request, ByteString body, Caller caller) {
    public Call {
        variables = List.copyOf(variables);
    }

    /** The first variable of the pattern. */
    public String id() {
        return variables.get(0);
    }

    public QueryParameters query() {
        return QueryParameters.parse(request.getUri().rawQueryString().orElse(""));
    }
}
