package memfuse.cluster.http.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import memfuse.cluster.http.route.RouteTable.Admission;
import memfuse.cluster.http.route.RouteTable.Found;
import memfuse.cluster.http.route.RouteTable.Match;
import memfuse.cluster.http.route.RouteTable.OtherMethods;
import memfuse.cluster.http.route.RouteTable.Route;
import memfuse.cluster.http.route.RouteTable.Unknown;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.Uri;
import org.junit.jupiter.api.Test;

class RouteTableTest {
    private static final Need READ = Need.read(Owner.USER_IN_PATH);

    private final Handler list = call -> CompletableFuture.completedStage(HttpResponse.create());
    private final Handler one = call -> CompletableFuture.completedStage(HttpResponse.create());
    private final Handler stats = call -> CompletableFuture.completedStage(HttpResponse.create());
    private final RouteTable routes = new RouteTable()
            .get("/things", READ, list)
            .get("/things/{id}", READ, one)
            .delete("/things/{id}", Need.ADMIN, one)
            .post("/things/{id}/parts/{part}", READ, one)
            .getFree("/things/stats", Need.NOTHING, stats);

    private Match get(String path) {
        return routes.match(HttpMethods.GET, Uri.create(path));
    }

    private static Found found(Match match) {
        assertThat(match).isInstanceOf(Found.class);
        return (Found) match;
    }

    @Test
    void findsPathsWithAndWithoutTrailingSlash() {
        assertThat(found(get("/things")).route()).isEqualTo(new Route(list, READ, Admission.BOUNDED));
        assertThat(found(get("/things/")).route()).isEqualTo(new Route(list, READ, Admission.BOUNDED));
        assertThat(found(get("/things/7/")).variables()).containsExactly("7");
    }

    @Test
    void decodesEachVariableForItself() {
        Match match = routes.match(HttpMethods.POST, Uri.create("/things/a%2Fb/parts/%C3%BC"));
        assertThat(found(match).variables()).containsExactly("a/b", "ü");
    }

    @Test
    void prefersALiteralToAVariable() {
        assertThat(found(get("/things/stats")).route()).isEqualTo(new Route(stats, Need.NOTHING, Admission.FREE));
    }

    @Test
    void answersHeadAsGet() {
        Match match = routes.match(HttpMethods.HEAD, Uri.create("/things"));
        assertThat(found(match).route().handler()).isSameAs(list);
    }

    @Test
    void tellsTheMethodsOfAKnownPath() {
        assertThat(routes.match(HttpMethods.PUT, Uri.create("/things/7")))
                .isInstanceOfSatisfying(
                        OtherMethods.class,
                        other -> assertThat(other.allowed()).containsExactly("DELETE", "GET", "HEAD"));
    }

    @Test
    void knowsNoOtherPaths() {
        for (String path :
                new String[] {"/", "", "/thing", "/things/7/parts", "//things", "/things//", "/things/%00"}) {
            assertThat(get(path)).as(path).isInstanceOf(Unknown.class);
        }
    }

    @Test
    void listsWhatWasAdded() {
        assertThat(routes.all())
                .extracting(listed -> listed.method() + " " + listed.pattern())
                .containsExactly(
                        "GET /things",
                        "GET /things/{id}",
                        "DELETE /things/{id}",
                        "POST /things/{id}/parts/{part}",
                        "GET /things/stats");
    }

    @Test
    void takesARouteOnlyOnce() {
        assertThatThrownBy(() -> routes.get("/things/{name}", READ, one))
                .hasMessage("a second route for GET /things/{name}");
    }
}
