package memfuse.cluster.http;

import static memfuse.cluster.http.ApiServer.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import memfuse.cluster.http.ApiServer.Answer;
import memfuse.cluster.http.access.AccessSettings;
import memfuse.cluster.http.route.Need;
import memfuse.cluster.http.route.Owner;
import memfuse.cluster.http.route.RouteTable.Listed;
import memfuse.protocol.auth.ApiKey;
import memfuse.protocol.auth.Permissions;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.Session;
import memfuse.protocol.testkit.InMemoryLayerStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each route of the API, with keys that must not be enough: none, one without the permission, and one of another user.
 *
 * <p>A route that is new here is tried like all others. Where its need leaves the user to the handler, or lets all users
 * in, a line below has to say so.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EveryRouteTest {
    /** Ids of what is ann's or shared, by the segment of the path before them. */
    private static final Map<String, String> IDS_OF_ANN =
            Map.of("users", "u1", "sessions", "s1", "agents", "a1", "erasures", "s0", "rounds", "s1-1");

    /** Routes whose handlers ask for the user, as bob uses them to get at what is ann's: path, and body. */
    private static final Map<String, List<String>> ATTEMPTS = Map.of(
            "GET /api/v1/users", List.of("/api/v1/users?name=ann", ""),
            "GET /api/v1/chunks/stats", List.of("/api/v1/chunks/stats?user_id=u1", ""),
            "GET /api/v1/sessions", List.of("/api/v1/sessions?user_id=u1", ""),
            "POST /api/v1/sessions", List.of("/api/v1/sessions", "{\"user_id\":\"u1\",\"agent_id\":\"a1\"}"));

    /** What all users share. */
    private static final Set<String> SHARED =
            Set.of("GET /api/v1/agents", "POST /api/v1/agents", "GET /api/v1/agents/{id}");

    /** What everybody may ask. */
    private static final Set<String> OPEN = Set.of(
            "GET /health",
            "GET /health/live",
            "GET /health/ready",
            "GET /health/buffer",
            "GET /health/performance",
            "GET /metrics",
            "GET /api/v1/health",
            "GET /api/v1/health/live",
            "GET /api/v1/health/ready",
            "GET /api/v1/health/buffer",
            "GET /api/v1/health/performance",
            "GET /api/v1/openapi.json",
            "GET /openapi.json",
            "GET /docs");

    private final ApiServer server = new ApiServer(new AccessSettings(true, Optional.empty(), 0));
    private String ofBob = "";
    private final Map<Permissions, String> keysOfAnn = new HashMap<>();
    private List<Object> stored = List.of();

    @BeforeAll
    void createBob() {
        server.directory.create(EntityKind.USER, new Entity("u2", "bob", null, NOW, NOW));
        server.directory.createSession(new Session("s2", "u2", "a1", "second", NOW, NOW));
        server.directory.createSession(new Session("s0", "u1", "a1", "erased", NOW, NOW));
        new InMemoryLayerStore(server.directory, false).eraseSession("u1", "s0");
        ofBob = server.newKey("u2", Permissions.READ_WRITE);
        server.newKey("u1", Permissions.READ_WRITE);
        stored = stored();
    }

    @BeforeEach
    void forgetRequests() {
        server.gateway.reset();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    Stream<Listed> everyRoute() {
        return server.api.routes().stream();
    }

    Stream<Listed> routesThatNeedAKey() {
        return everyRoute().filter(listed -> listed.route().need().key());
    }

    /** Everything a request could have changed. */
    private List<Object> stored() {
        return List.of(
                server.directory.list(EntityKind.USER),
                server.directory.list(EntityKind.AGENT),
                server.directory.sessions(null, null, null),
                Stream.of("u1", "u2")
                        .flatMap(id -> server.keyStore.ofUser(id).stream())
                        .map(ApiKey::id)
                        .toList());
    }

    private void assertNothingWasDone() {
        assertThat(server.gateway.asked).isEmpty();
        assertThat(stored()).isEqualTo(stored);
    }

    private static String nameOf(Listed listed) {
        return listed.method() + " " + listed.pattern();
    }

    /** The pattern with ann's things in it. */
    private static String pathToAnn(String pattern) {
        String before = "";
        boolean ofAnn = false;
        StringBuilder path = new StringBuilder();
        for (String segment : pattern.substring(1).split("/", -1)) {
            if (segment.startsWith("{")) {
                String id = ofAnn ? "x" : IDS_OF_ANN.get(before);
                assertThat(id)
                        .as("say above what ann has under /%s of %s", before, pattern)
                        .isNotNull();
                path.append('/').append(id);
                ofAnn = true;
            } else {
                path.append('/').append(segment);
            }
            before = segment;
        }
        return path.toString();
    }

    @ParameterizedTest
    @MethodSource("everyRoute")
    void asksForAKeyUnlessItIsForEverybody(Listed listed) {
        Answer answer = server.send(listed.method(), pathToAnn(listed.pattern()), "{}");
        assertThat(answer.status() == 401)
                .as("%s without a key: %d", nameOf(listed), answer.status())
                .isEqualTo(!OPEN.contains(nameOf(listed)));
        assertThat(listed.route().need().key()).isEqualTo(!OPEN.contains(nameOf(listed)));
        assertNothingWasDone();
    }

    @ParameterizedTest
    @MethodSource("routesThatNeedAKey")
    void asksForThePermissionItNeeds(Listed listed) {
        Need need = listed.route().need();
        Stream.of(Permissions.READ, Permissions.WRITE, Permissions.READ_WRITE)
                .filter(permissions -> !permissions.cover(need.permissions()))
                .forEach(permissions -> {
                    String key = keyOf(permissions);
                    Answer answer = server.sendAs(key, listed.method(), pathToAnn(listed.pattern()), "{}");
                    assertThat(answer.status())
                            .as("%s with %s", nameOf(listed), permissions)
                            .isEqualTo(403);
                });
        assertThat(need.permissions()).isNotEqualTo(Permissions.NONE);
        assertNothingWasDone();
    }

    private String keyOf(Permissions permissions) {
        String key = keysOfAnn.computeIfAbsent(permissions, absent -> server.newKey("u1", absent));
        stored = stored();
        return key;
    }

    @ParameterizedTest
    @MethodSource("routesThatNeedAKey")
    void keepsAnotherUserAway(Listed listed) {
        Need need = listed.route().need();
        String name = nameOf(listed);
        if (need.permissions().admin() || need.owner() instanceof Owner.UserInPath) {
            assertThat(attempt(listed, pathToAnn(listed.pattern()), "{}").status())
                    .as(name)
                    .isEqualTo(403);
        } else if (need.owner() instanceof Owner.LookedUp) {
            String path = pathToAnn(listed.pattern());
            Answer answer = attempt(listed, path, "{}");
            String id = path.split("/", -1)[4];
            String nowhere = path.replace("/" + id, "/nowhere");
            assertThat(answer.status()).as(name).isEqualTo(404);
            assertThat(answer.body())
                    .as("%s as for a thing that is not there", name)
                    .isEqualTo(attempt(listed, nowhere, "{}").body().replace("nowhere", id));
        } else if (need.owner() instanceof Owner.InRequest) {
            List<String> request = ATTEMPTS.get(name);
            assertThat(request).as("say above how bob would use %s", name).isNotNull();
            assertThat(attempt(listed, request.get(0), request.get(1)).status())
                    .as(name)
                    .isIn(403, 404);
        } else {
            assertThat(SHARED).as("say above that all users share it").contains(name);
            return;
        }
        assertNothingWasDone();
    }

    private Answer attempt(Listed listed, String path, String body) {
        return server.sendAs(ofBob, listed.method(), path, body);
    }
}
