package memfuse.cluster.http;

import static memfuse.cluster.http.ApiServer.NOW;
import static memfuse.cluster.http.ApiServer.NOW_TEXT;
import static memfuse.cluster.http.ApiServer.parse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import memfuse.cluster.http.ApiServer.Answer;
import memfuse.cluster.http.access.AccessSettings;
import memfuse.protocol.auth.KeyStore;
import memfuse.protocol.auth.Permissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code /users/{id}/api-keys}: making keys, seeing that they are there, and taking them back. */
class ApiKeysTest {
    private static final String ADMIN_KEY = "the-key-of-the-settings-0123456789";
    private static final String KEYS = "/api/v1/users/u1/api-keys";
    private static final String OWN_KEY = "a-key.of_the~caller+0123456789/==";

    private final ApiServer server = new ApiServer(new AccessSettings(true, Optional.of(ADMIN_KEY), 0));

    @AfterEach
    void stop() {
        server.close();
    }

    private Answer create(String body) {
        return createAs(ADMIN_KEY, body);
    }

    private Answer createAs(String key, String body) {
        return server.sendAs(key, "POST", KEYS, body);
    }

    private static JsonNode keyOf(Answer created) {
        assertThat(created.status()).as(created.body()).isEqualTo(201);
        return created.json().at("/data/api_key");
    }

    private int statusOf(String key) {
        return server.sendAs(key, "GET", "/api/v1/users/u1", "").status();
    }

    @Test
    void makesAKeyAndShowsItOnce() {
        Answer created = create("{}");
        JsonNode made = keyOf(created);
        String key = made.path("key").asText();
        String shown = """
                {"id":"%s","user_id":"u1","name":null,"permissions":{"read":true,"write":true,"admin":false},
                 "created_at":"%s","expires_at":null}""".formatted(made.path("id").asText(), NOW_TEXT);
        assertThat(created.json()).isEqualTo(parse("""
                {"status":"success","code":201,"data":{"api_key":%s},"message":"API key created successfully",
                 "errors":null}""".formatted(
                        shown.replace("\"permissions\"", "\"key\":\"" + key + "\",\"permissions\""))));
        assertThat(created.header("cache-control")).isEqualTo("no-store");
        assertThat(key).startsWith("mf_").hasSize(46);
        assertThat(statusOf(key)).isEqualTo(200);

        Answer listed = server.sendAs(key, "GET", KEYS + "/", "");
        assertThat(listed.json()).isEqualTo(parse("""
                {"status":"success","code":200,"data":{"api_keys":[%s]},
                 "message":"API keys retrieved successfully","errors":null}""".formatted(shown)));
        assertThat(listed.body()).doesNotContain(key);
    }

    @Test
    void makesAKeyAsTheCallerWantsIt() {
        JsonNode made = keyOf(create("""
                {"name":"Zoë's phone","key":"%s","permissions":{"read":true,"write":false},
                 "expires_at":"2026-02-01T00:00:00+01:00","user_id":"u1"}""".formatted(OWN_KEY)));
        assertThat(made).isEqualTo(parse("""
                {"id":"%s","user_id":"u1","name":"Zoë's phone","key":"%s",
                 "permissions":{"read":true,"write":false,"admin":false},
                 "created_at":"%s","expires_at":"2026-01-31T23:00:00.000000Z"}""".formatted(made.path("id").asText(), OWN_KEY, NOW_TEXT)));
        assertThat(statusOf(OWN_KEY)).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "['read'] | true | false | false",
                "['write'] | false | true | false",
                "['write','read'] | true | true | false",
                "['admin'] | true | true | true",
                "{'admin':true} | true | true | true",
                "{'write':true,'read':false} | false | true | false",
                "null | true | true | false",
            })
    void takesPermissionsAsAListOrAsAnObject(String permissions, boolean read, boolean write, boolean admin) {
        JsonNode made = keyOf(create("{\"permissions\":" + permissions.replace('\'', '"') + "}"));
        assertThat(made.path("permissions"))
                .isEqualTo(parse("{\"read\":%s,\"write\":%s,\"admin\":%s}".formatted(read, write, admin)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"key\":\"too-short\"}",
                "{\"key\":\"\"}",
                "{\"key\":7}",
                "{\"key\":\"with a blank with a blank with a blank\"}",
                "{\"permissions\":[]}",
                "{\"permissions\":{}}",
                "{\"permissions\":{\"read\":false}}",
                "{\"permissions\":[\"fly\"]}",
                "{\"permissions\":[7]}",
                "{\"permissions\":{\"read\":\"yes\"}}",
                "{\"permissions\":{\"fly\":true}}",
                "{\"permissions\":\"read\"}",
                "{\"permissions\":true}",
                "{\"expires_at\":\"soon\"}",
                "{\"expires_at\":\"2026-01-31T10:20:30.123456Z\"}",
                "{\"expires_at\":17}",
                "{\"name\":[]}",
                "{\"name\":\"\\u0000\"}",
                "{\"user_id\":\"u2\"}",
                "{\"user_id\":1}",
                "[]",
                "{",
                "",
            })
    void refusesABodyThatIsWrong(String body) {
        Answer answer = create(body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(422);
        assertThat(answer.json().path("detail").isArray()).isTrue();
        assertThat(server.keyStore.ofUser("u1")).isEmpty();
    }

    @Test
    void refusesAKeyThatIsThereAlready() {
        keyOf(create("{\"key\":\"" + OWN_KEY + "\"}"));
        for (String taken : List.of(OWN_KEY, ADMIN_KEY)) {
            Answer again = create("{\"key\":\"" + taken + "\"}");
            assertThat(again.status()).isEqualTo(400);
            assertThat(again.json().at("/errors/0/field").asText()).isEqualTo("key");
            assertThat(again.body()).doesNotContain(taken);
        }
    }

    @Test
    void boundsTheKeysOfAUser() {
        for (int i = 0; i < KeyStore.MAX_KEYS_OF_USER; i++) {
            server.newKey("u1", Permissions.READ);
        }
        Answer further = create("{}");
        assertThat(further.status()).isEqualTo(400);
        assertThat(further.json().path("message").asText()).isEqualTo("A user has at most 100 API keys");
    }

    @Test
    void knowsNoKeysOfAUserWhoIsNotThere() {
        for (String method : List.of("GET", "POST")) {
            Answer answer = server.sendAs(ADMIN_KEY, method, "/api/v1/users/u9/api-keys", "{}");
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.json().path("message").asText()).isEqualTo("User with ID 'u9' not found");
        }
        assertThat(server.sendAs(ADMIN_KEY, "DELETE", "/api/v1/users/u9/api-keys/k", "")
                        .json()
                        .path("message")
                        .asText())
                .isEqualTo("User with ID 'u9' not found");
    }

    @Test
    void takesAKeyBackAtOnce() {
        JsonNode made = keyOf(create("{}"));
        String key = made.path("key").asText();
        String id = made.path("id").asText();
        assertThat(statusOf(key)).isEqualTo(200);

        assertThat(server.sendAs(key, "DELETE", KEYS + "/" + id, "").json()).isEqualTo(parse("""
                {"status":"success","code":200,"data":{"key_id":"%s"},"message":"API key deleted successfully",
                 "errors":null}""".formatted(id)));
        assertThat(statusOf(key)).isEqualTo(401);
        Answer again = server.sendAs(ADMIN_KEY, "DELETE", KEYS + "/" + id + "/", "");
        assertThat(again.status()).isEqualTo(404);
        assertThat(again.json().path("message").asText()).isEqualTo("API key with ID '" + id + "' not found");
    }

    @Test
    void letsAKeyMakeNoneThatPermitsMoreThanItself() {
        String writer = server.newKey("u1", Permissions.WRITE);
        String both = server.newKey("u1", Permissions.READ_WRITE);
        String reader = server.newKey("u1", Permissions.READ);
        assertThat(createAs(reader, "{}").status()).isEqualTo(403);
        assertThat(createAs(writer, "{\"permissions\":[\"read\"]}").status()).isEqualTo(403);
        assertThat(keyOf(createAs(writer, "{}")).at("/permissions/read").asBoolean())
                .isFalse();
        Answer wider = createAs(both, "{\"permissions\":[\"admin\"]}");
        assertThat(wider.status()).isEqualTo(403);
        assertThat(wider.json().path("message").asText())
                .isEqualTo("An API key cannot permit more than the one that makes it");
        assertThat(createAs(both, "{\"permissions\":[\"read\",\"write\"]}").status())
                .isEqualTo(201);
    }

    @Test
    void letsAKeyMakeNoneThatOutlivesItself() {
        String key = server.newKey("u1", Permissions.READ_WRITE, NOW.plusSeconds(60));
        assertThat(keyOf(createAs(key, "{}")).path("expires_at").asText()).isEqualTo("2026-01-31T10:21:30.123456Z");
        Answer longer = createAs(key, "{\"expires_at\":\"2026-01-31T10:21:31Z\"}");
        assertThat(longer.status()).isEqualTo(403);
        assertThat(longer.json().at("/errors/0/field").asText()).isEqualTo("expires_at");
        assertThat(createAs(key, "{\"expires_at\":\"2026-01-31T10:21:30Z\"}").status())
                .isEqualTo(201);
    }

    @Test
    void makesKeysWhileNoneAreAskedForSoThatTheyCanBe() {
        try (ApiServer open = new ApiServer(ApiServer.EVERYBODY)) {
            assertThat(open.post(KEYS, "{\"permissions\":[\"admin\"]}")
                            .json()
                            .at("/data/api_key/permissions/admin")
                            .asBoolean())
                    .isTrue();
        }
    }
}
