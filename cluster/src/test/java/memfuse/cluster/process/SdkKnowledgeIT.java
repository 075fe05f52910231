package memfuse.cluster.process;

import static memfuse.cluster.process.SdkClient.hasKeys;
import static memfuse.cluster.process.SdkClient.refusal;
import static memfuse.cluster.process.SdkClient.success;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import memfuse.cluster.process.SdkClient.Ids;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the published Python client does with knowledge, call by call. */
@ExtendWith(SharedServer.class)
class SdkKnowledgeIT {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String name = "sdk-knowledge" + COUNT.incrementAndGet();

    @ParameterizedTest
    @ValueSource(strings = {"", "/"})
    void addsListsReadsFindsChangesAndDeletesKnowledge(String slash, Client client) throws Exception {
        SdkClient sdk = new SdkClient(client, slash);
        Ids ann = sdk.init(name + "-ann", "agent_default", name);
        Ids bob = sdk.init(name + "-bob", "agent_default", name);
        String knowledge = "/users/" + ann.userId() + "/knowledge";

        List<String> ids = texts(success(
                        sdk.call(
                                "POST",
                                knowledge,
                                "",
                                Map.of("knowledge", List.of("Ann likes tea.", "Ann keeps bees."))),
                        201,
                        "Knowledge items added successfully",
                        "knowledge_ids")
                .get("knowledge_ids"));
        assertThat(ids).hasSize(2).doesNotHaveDuplicates();

        assertThat(contents(sdk.call("GET", knowledge, "", Map.of()), ann))
                .containsExactlyInAnyOrder("Ann likes tea.", "Ann keeps bees.");
        assertThat(contents(
                        sdk.call("POST", knowledge + "/read", "", Map.of("knowledge_ids", List.of(ids.get(1), "none"))),
                        ann))
                .containsExactly("Ann keeps bees.");

        JsonNode hit = query(sdk, ann, "bees").get(0);
        assertThat(SdkClient.result(hit).get("content").asText()).isEqualTo("Ann keeps bees.");
        assertThat(hit.get("type").asText()).isEqualTo("knowledge");
        assertThat(hit.get("id").asText()).isEqualTo(ids.get(1));
        assertThat(query(sdk, bob, "bees")).isEmpty();
        assertThat(contents(sdk.call("GET", "/users/" + bob.userId() + "/knowledge", "", Map.of()), bob))
                .isEmpty();

        assertThat(texts(success(
                                sdk.call(
                                        "PUT",
                                        knowledge,
                                        "",
                                        Map.of(
                                                "knowledge_ids",
                                                List.of(ids.get(1), "none"),
                                                "new_knowledge",
                                                List.of("Ann keeps geese.", "Nobody's."))),
                                200,
                                "Knowledge items updated successfully",
                                "knowledge_ids")
                        .get("knowledge_ids")))
                .containsExactly(ids.get(1));
        assertThat(query(sdk, ann, "geese").get(0).get("content").asText()).isEqualTo("Ann keeps geese.");
        assertThat(query(sdk, ann, "bees"))
                .noneMatch(one -> one.get("content").asText().contains("bees"));

        assertThat(texts(success(
                                sdk.call("DELETE", knowledge, "", Map.of("knowledge_ids", List.of(ids.get(0), "none"))),
                                200,
                                "Knowledge items deleted successfully",
                                "knowledge_ids")
                        .get("knowledge_ids")))
                .containsExactly(ids.get(0));
        assertThat(contents(sdk.call("GET", knowledge, "", Map.of()), ann)).containsExactly("Ann keeps geese.");
        assertThat(query(sdk, ann, "tea"))
                .noneMatch(one -> one.get("content").asText().contains("tea"));

        for (String method : List.of("POST", "PUT", "DELETE")) {
            Answer nothing = sdk.call(
                    method,
                    knowledge,
                    "",
                    Map.of("knowledge", List.of(), "knowledge_ids", List.of(), "new_knowledge", List.of()));
            assertThat(nothing.status()).isEqualTo(method.equals("POST") ? 201 : 200);
            assertThat(nothing.data().get("knowledge_ids")).isEmpty();
        }
        refusal(
                sdk.call("GET", "/users/none/knowledge", "", Map.of()),
                404,
                "user_id",
                "User with ID 'none' not found");
    }

    private static JsonNode query(SdkClient sdk, Ids ids, String words) throws IOException {
        return sdk.call(
                        "POST",
                        "/users/" + ids.userId() + "/query",
                        "",
                        Map.of("query", words, "include_messages", false, "include_knowledge", true))
                .expect(200)
                .data()
                .path("results");
    }

    private static List<String> contents(Answer answer, Ids owner) {
        JsonNode items = success(answer, 200, "Knowledge items retrieved successfully", "knowledge")
                .get("knowledge");
        List<String> contents = new ArrayList<>();
        for (JsonNode item : items) {
            hasKeys(item, "id", "user_id", "content", "created_at", "updated_at");
            assertThat(item.get("user_id").asText()).isEqualTo(owner.userId());
            contents.add(item.get("content").asText());
        }
        return contents;
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(text -> texts.add(text.asText()));
        return texts;
    }
}
