package memfuse.cluster.http;

import static memfuse.cluster.http.ApiServer.NOW;
import static memfuse.cluster.http.ApiServer.parse;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import memfuse.cluster.http.ApiServer.Answer;
import memfuse.cluster.http.access.AccessSettings;
import memfuse.protocol.auth.Permissions;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that asks for keys: who is let in, what the others are told, and what a key of a user sees of the rest. */
class AccessTest {
    private static final String ADMIN_KEY = "the-key-of-the-settings-0123456789";
    private static final String MESSAGES = "/api/v1/sessions/s1/messages";
    private static final String ONE_MESSAGE = "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";

    private final ApiServer server = new ApiServer(new AccessSettings(true, Optional.of(ADMIN_KEY), 0));

    @AfterEach
    void stop() {
        server.close();
    }

    private Answer with(String header, String value) {
        return server.send(HttpRequest.newBuilder(server.root.resolve("/api/v1/users/u1"))
                .header(header, value)
                .build());
    }

    private Answer getAs(String key, String path) {
        return server.sendAs(key, "GET", path, "");
    }

    private static void assertUnauthenticated(Answer answer, String message) {
        assertThat(answer.json()).isEqualTo(parse("""
                {"status":"error","code":401,"message":"%s","errors":[{"field":"api_key","message":"%s"}]}""".formatted(message, message)));
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("www-authenticate")).startsWith("Bearer");
    }

    private static void assertForbidden(Answer answer, String field, String message) {
        assertThat(answer.json()).isEqualTo(parse("""
                {"status":"error","code":403,"data":null,"message":"%s","errors":[{"field":"%s","message":"%s"}]}""".formatted(message, field, message)));
        assertThat(answer.status()).isEqualTo(403);
    }

    @Test
    void takesAKeyInEitherHeader() {
        String key = server.newKey("u1", Permissions.READ);
        assertThat(with("Authorization", "Bearer " + key).status()).isEqualTo(200);
        assertThat(with("authorization", "bearer " + key).status()).isEqualTo(200);
        assertThat(with("X-API-Key", key).status()).isEqualTo(200);
        assertThat(with("x-api-key", ADMIN_KEY).status()).isEqualTo(200);
    }

    @Test
    void saysWhatIsMissingOrWrongWithAKey() {
        assertUnauthenticated(
                server.get("/api/v1/users/u1"),
                "An API key is needed: send it as Authorization: Bearer KEY, or as X-API-Key: KEY");
        String rule = "The API key is malformed: a key has 32 to 255 letters, digits and characters of - . _ ~ + / =";
        for (String malformed : List.of("Bearer short", "Bearer ", "Bearer", "Basic dXNlcjpwYXNz", "Bearer a b", "x")) {
            assertUnauthenticated(with("Authorization", malformed), rule);
        }
        assertUnauthenticated(with("X-API-Key", "x".repeat(256)), rule);
        String unknown = "The API key is unknown or has expired";
        assertUnauthenticated(with("X-API-Key", "x".repeat(32)), unknown);
        assertUnauthenticated(with("Authorization", "Bearer " + ADMIN_KEY + "0"), unknown);
        assertThat(server.gateway.asked).isEmpty();
    }

    @Test
    void answersHealthToEverybodyAndTellsNobodyOfRoutesThatAreNone() {
        assertThat(server.get("/api/v1/health").status()).isEqualTo(200);
        assertThat(server.get("/health/live").status()).isEqualTo(200);
        assertThat(with("X-API-Key", "wrong").status()).isEqualTo(401);
        assertThat(server.get("/api/v1/nothing").status()).isEqualTo(404);
        assertThat(server.send("PATCH", "/api/v1/users/u1").status()).isEqualTo(405);
    }

    @Test
    void refusesAKeyFromTheMomentOfItsEnd() {
        String key = server.newKey("u1", Permissions.READ, NOW.plusSeconds(10));
        assertThat(getAs(key, "/api/v1/users/u1").status()).isEqualTo(200);
        server.now = NOW.plusSeconds(9);
        assertThat(getAs(key, "/api/v1/users/u1").status()).isEqualTo(200);
        server.now = NOW.plusSeconds(10);
        assertUnauthenticated(getAs(key, "/api/v1/users/u1"), "The API key is unknown or has expired");
        String ended = server.newKey("u1", Permissions.READ, NOW);
        assertThat(getAs(ended, "/api/v1/users/u1").status()).isEqualTo(401);
    }

    @Test
    void saysWhichPermissionIsMissing() {
        String reader = server.newKey("u1", Permissions.READ);
        String writer = server.newKey("u1", Permissions.WRITE);
        String need = "This API key does not permit this: it needs the permission ";
        assertForbidden(server.sendAs(reader, "POST", MESSAGES, ONE_MESSAGE), "api_key", need + "write");
        assertForbidden(getAs(writer, MESSAGES), "api_key", need + "read");
        assertForbidden(server.sendAs(writer, "POST", "/api/v1/buffer/flush", ""), "api_key", need + "admin");
        assertThat(server.sendAs(writer, "POST", MESSAGES, ONE_MESSAGE).status())
                .isEqualTo(201);
        assertThat(getAs(reader, MESSAGES).status()).isEqualTo(200);
    }

    @Test
    void letsAnAdminsKeyDoEverythingWhosesoeverItIs() {
        String key = server.newKey("u1", Permissions.ADMIN);
        assertThat(server.sendAs(key, "POST", "/api/v1/users", "{\"name\":\"new\"}")
                        .status())
                .isEqualTo(201);
        assertThat(server.sendAs(key, "POST", "/api/v1/buffer/flush", "").status())
                .isEqualTo(200);
        assertThat(getAs(key, "/api/v1/users/u9").status()).isEqualTo(404);
    }

    @Test
    void doesNotSayWhetherAnotherUserExists() {
        String bob = bob();
        assertForbidden(getAs(bob, "/api/v1/users/u1"), "user_id", "This API key is for another user");
        assertForbidden(getAs(bob, "/api/v1/users/u9"), "user_id", "This API key is for another user");
        assertThat(getAs(bob, "/api/v1/users?name=ann").body())
                .isEqualTo(getAs(bob, "/api/v1/users?name=nobody").body().replace("nobody", "ann"));
        assertThat(getAs(bob, "/api/v1/users?name=ann").status()).isEqualTo(404);
    }

    @Test
    void showsAUserItselfAndItsOwnSessions() {
        String bob = bob();
        server.directory.createSession(new Session("s2", "u2", "a1", "second", NOW, NOW));
        for (String path : List.of("/api/v1/users", "/api/v1/users?name=bob")) {
            assertThat(getAs(bob, path).json().findValuesAsText("id")).containsExactly("u2");
        }
        for (String query : List.of("", "?user_id=u2", "?agent_id=a1", "?name=second")) {
            assertThat(getAs(bob, "/api/v1/sessions" + query).json().findValuesAsText("id"))
                    .as(query)
                    .containsExactly("s2");
        }
        assertThat(getAs(bob, "/api/v1/sessions?name=first").status()).isEqualTo(404);
        assertThat(getAs(ADMIN_KEY, "/api/v1/sessions").json().findValuesAsText("id"))
                .containsExactly("s1", "s2");
    }

    /** What the Python client does before its first message, with a key of the user it names. */
    @Test
    void letsAClientOfAUserStart() {
        String bob = bob();
        assertThat(getAs(bob, "/api/v1/users?name=bob").status()).isEqualTo(200);
        assertThat(getAs(bob, "/api/v1/agents?name=agent_default").status()).isEqualTo(404);
        String agent = server.sendAs(bob, "POST", "/api/v1/agents", "{\"name\":\"agent_default\"}")
                .json()
                .at("/data/agent/id")
                .asText();
        assertThat(getAs(bob, "/api/v1/sessions?name=talk&user_id=u2").status()).isEqualTo(404);
        Answer session = server.sendAs(
                bob,
                "POST",
                "/api/v1/sessions",
                "{\"user_id\":\"u2\",\"agent_id\":\"" + agent + "\",\"name\":\"talk\"}");
        assertThat(session.status()).isEqualTo(201);
        String messages =
                "/api/v1/sessions/" + session.json().at("/data/session/id").asText() + "/messages";
        assertThat(server.sendAs(bob, "POST", messages, ONE_MESSAGE).status()).isEqualTo(201);
    }

    @Test
    void refusesBeforeItReadsTheBody() {
        String large = " ".repeat(ApiServer.SETTINGS.maxBodyBytes() - 10);
        assertThat(server.post(MESSAGES, large).status()).isEqualTo(401);
        assertThat(server.sendAs(bob(), "POST", "/api/v1/users/u1/query", large).status())
                .isEqualTo(403);
    }

    @Test
    void looksAKeyUpOnceAndServesItWhileTheDatabaseIsGoneForAShortTime() {
        String key = server.newKey("u1", Permissions.READ_WRITE);
        assertThat(server.sendAs(key, "POST", MESSAGES, ONE_MESSAGE).status()).isEqualTo(201);
        String unused = server.newKey("u1", Permissions.READ_WRITE);
        server.databaseIsGone = true;
        assertThat(server.sendAs(key, "POST", MESSAGES, ONE_MESSAGE).status()).isEqualTo(201);
        Answer notLookedUp = server.sendAs(unused, "POST", MESSAGES, ONE_MESSAGE);
        assertThat(notLookedUp.status()).isEqualTo(503);
        assertThat(notLookedUp.header("retry-after")).isEqualTo("1");

        server.nanos.addAndGet(Duration.ofSeconds(10).toNanos());
        Answer unchecked = server.sendAs(key, "POST", MESSAGES, ONE_MESSAGE);
        assertThat(unchecked.status()).isEqualTo(503);
        assertThat(unchecked.json().at("/message").asText()).isEqualTo("API keys cannot be checked now");
        assertThat(server.sendAs(ADMIN_KEY, "POST", MESSAGES, ONE_MESSAGE).status())
                .isEqualTo(201);
    }

    @Test
    void looksUpOnlySoManyKeysOfAnAddress() {
        String inUse = server.newKey("u1", Permissions.READ);
        assertThat(getAs(inUse, "/api/v1/users/u1").status()).isEqualTo(200);
        int refused = 0;
        for (int i = 0; i < 700; i++) {
            Answer answer = with("X-API-Key", "guess-%032d".formatted(i));
            assertThat(answer.status()).isIn(401, 429);
            refused += answer.status() == 429 ? 1 : 0;
        }
        assertThat(refused).isEqualTo(101);
        assertThat(with("X-API-Key", "x".repeat(32)).header("retry-after")).isEqualTo("1");
        assertThat(getAs(inUse, "/api/v1/users/u1").status()).isEqualTo(200);
        server.nanos.addAndGet(Duration.ofMillis(100).toNanos());
        assertThat(with("X-API-Key", "x".repeat(32)).status()).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void limitsTheRequestsOfAKeyOrOfAnAddressWithoutKeys(boolean keysNeeded) {
        try (ApiServer limited = new ApiServer(new AccessSettings(keysNeeded, Optional.of(ADMIN_KEY), 30))) {
            String key = limited.newKey("u1", Permissions.READ);
            for (int i = 0; i < 30; i++) {
                assertThat(limited.sendAs(key, "GET", "/api/v1/users/u1", "").status())
                        .isEqualTo(200);
            }
            Answer refused = limited.sendAs(key, "GET", "/api/v1/users/u1", "");
            assertThat(refused.json()).isEqualTo(parse("""
                    {"status":"error","code":429,
                     "message":"Too many requests: the rate limit is used up; nothing was done",
                     "errors":[{"field":"general",
                      "message":"Too many requests: the rate limit is used up; nothing was done"}]}"""));
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.header("retry-after")).isEqualTo("2");
            assertThat(limited.get("/health").status()).isEqualTo(200);
            assertThat(limited.sendAs(ADMIN_KEY, "GET", "/api/v1/users/u1", "").status())
                    .isEqualTo(keysNeeded ? 200 : 429);
            limited.nanos.addAndGet(Duration.ofSeconds(2).toNanos());
            assertThat(limited.sendAs(key, "GET", "/api/v1/users/u1", "").status())
                    .isEqualTo(200);
            assertThat(limited.sendAs(key, "GET", "/api/v1/users/u1", "").status())
                    .isEqualTo(429);
        }
    }

    private String bob() {
        server.directory.create(EntityKind.USER, new Entity("u2", "bob", null, NOW, NOW));
        return server.newKey("u2", Permissions.READ_WRITE);
    }
}
