package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Keys over several processes: made at one, used at another, taken back, there again after a restart, never logged. */
class KeysIT {
    private static final String ADMIN_KEY = "the-key-of-the-operator-0123456789";
    private static final Duration LIMIT = Duration.ofMinutes(1);

    @RegisterExtension
    final Scene scene = new Scene();

    @Test
    void refusesADeletedKeyWhereverItWasUsedAndKeepsTheOthers() throws Exception {
        try (RemoteDatabase database = RemoteDatabase.start(scene.newDataDirectory())) {
            Launch first = database.usedBy(withKeys());
            ServerProcess one = scene.start(first);
            ServerProcess two = scene.start(database.usedBy(withKeys()));
            Client admin = one.client().withKey(ADMIN_KEY);
            String ann = admin.createUser("ann");
            String bob = admin.createUser("bob");
            JsonNode lost = makeKey(admin, ann);
            JsonNode kept = makeKey(admin, ann);
            String lostKey = lost.path("key").asText();
            String keptKey = kept.path("key").asText();
            for (ServerProcess server : List.of(one, two)) {
                server.client().get("/users/" + ann).expect(401);
                server.client().get("/health").expect(200);
                for (String key : List.of(lostKey, keptKey, ADMIN_KEY)) {
                    server.client().withKey(key).get("/users/" + ann).expect(200);
                }
                server.client().withKey(lostKey).get("/users/" + bob).expect(403);
            }

            admin.delete("/users/" + ann + "/api-keys/" + lost.path("id").asText(), Map.of())
                    .expect(200);
            one.client().withKey(lostKey).get("/users/" + ann).expect(401);
            Await.until("the other server refuses the deleted key", LIMIT, () -> status(two, lostKey, ann) == 401);
            assertThat(status(two, keptKey, ann)).isEqualTo(200);

            one.kill9();
            ServerProcess again = scene.start(first);
            assertThat(status(again, keptKey, ann)).isEqualTo(200);
            assertThat(status(again, lostKey, ann)).isEqualTo(401);
            for (ServerProcess server : List.of(one, two, again)) {
                assertThat(server.output() + server.errors()).doesNotContain(ADMIN_KEY, lostKey, keptKey);
            }
        }
    }

    private Launch withKeys() {
        return Launch.in(scene.newDataDirectory().path())
                .wordsOnly()
                .with("memfuse.database.journal-pool-size", "2")
                .withEnvironment("MEMFUSE_AUTH_ENABLED", "true")
                .withEnvironment("MEMFUSE_ADMIN_KEY", ADMIN_KEY);
    }

    private static JsonNode makeKey(Client client, String userId) throws IOException {
        return client.post("/users/" + userId + "/api-keys", Map.of("permissions", Map.of("read", true)))
                .expect(201)
                .data()
                .path("api_key");
    }

    private static int status(ServerProcess server, String key, String userId) throws IOException {
        return server.client().withKey(key).get("/users/" + userId).status();
    }
}
