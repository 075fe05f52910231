package memfuse.cluster.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import memfuse.cluster.contract.Contract;
import memfuse.cluster.contract.Operation;
import memfuse.cluster.http.ApiServer.Answer;
import memfuse.cluster.http.docs.OpenApi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The document at {@code /openapi.json} is OpenAPI 3.1, and is about the routes that there are. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpenApiTest {
    private static final String PARTS = "cluster/src/main/resources/memfuse/cluster/http/docs/";
    private static final Pattern HEX_ID = Pattern.compile("01980f2e-7c1a-7a10-8000-0000000000[0-9a-f]{2}");

    private final ApiServer server = new ApiServer();
    private final Contract contract = contractOf(server);

    /** What a server says of itself, once it has had the time to write it down. */
    static Contract contractOf(ApiServer server) {
        server.awaitStatus(200, "/openapi.json");
        return Contract.of(server.get("/openapi.json").json());
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @Test
    void isOpenApi() {
        assertThat(contract.problems()).isEmpty();
    }

    @Test
    void wouldNotPassWereItNotOpenApi() {
        ObjectNode broken = contract.document().deepCopy();
        broken.withObject("/components/schemas/User/properties/name").put("type", "text");
        assertThat(Contract.of(broken).problems()).anyMatch(problem -> problem.contains("/schemas/User"));
        ObjectNode old = contract.document().deepCopy();
        old.withObject("/components/parameters/user_id").put("in", "body");
        assertThat(Contract.of(old).problems()).anyMatch(problem -> problem.contains("/parameters/user_id"));
    }

    @Test
    void refersToWhatIsThere() {
        List<JsonNode> references = contract.document().findValues("$ref");
        assertThat(references).isNotEmpty().allSatisfy(reference -> {
            assertThat(reference.textValue()).startsWith("#/components/");
            assertThat(contract.document()
                            .at(reference.textValue().substring(1))
                            .isMissingNode())
                    .as(reference.textValue())
                    .isFalse();
        });
    }

    @Test
    void describesEveryRouteAndNothingElse() {
        Set<String> routes = new TreeSet<>();
        server.api.routes().forEach(route -> routes.add(OpenApi.operation(route.method(), route.pattern())));
        Set<String> described = new TreeSet<>();
        contract.operations().forEach(one -> described.add(OpenApi.operation(one.method(), one.path())));

        assertThat(described)
                .as(
                        "%nA new route is described in a file of its resource in %s,%n"
                                + "and a new file there is named in the list of parts in %sopenapi.yaml.%n",
                        PARTS, PARTS)
                .containsExactlyInAnyOrderElementsOf(routes);
    }

    @Test
    void namesEveryOperationOnce() {
        List<String> ids = new ArrayList<>();
        contract.operations().forEach(one -> {
            if (one.described().has("operationId")) {
                ids.add(one.described().get("operationId").textValue());
            }
        });
        assertThat(ids).doesNotHaveDuplicates().isNotEmpty();
    }

    @Test
    void saysWhichParametersAPathHas() {
        for (Operation operation : contract.operations()) {
            List<String> inPath = operation.parameters().stream()
                    .filter(one -> one.get("in").textValue().equals("path"))
                    .map(one -> "{" + one.get("name").textValue() + "}")
                    .toList();
            assertThat(Pattern.compile("\\{[^}]*}").matcher(operation.path()).results())
                    .as(operation.toString())
                    .extracting(found -> found.group())
                    .containsExactlyElementsOf(inPath);
        }
    }

    @Test
    void asksForKeysWhereTheRoutesDo() {
        for (Operation operation : contract.operations()) {
            boolean key = server.api.routes().stream()
                    .filter(route -> OpenApi.operation(route.method(), route.pattern())
                            .equals(OpenApi.operation(operation.method(), operation.path())))
                    .anyMatch(route -> route.route().need().key());
            assertThat(operation.described().get("security").isEmpty())
                    .as(operation.toString())
                    .isEqualTo(!key);
            assertThat(operation.described().get("responses").has("401"))
                    .as(operation.toString())
                    .isEqualTo(key);
        }
    }

    /** So that whoever documents a body says how it looks, and the tests of the process have something to send. */
    @Test
    void givesExamplesThatItsSchemasAllow() {
        for (Operation operation : contract.operations()) {
            operation.bodySchema().ifPresent(schema -> {
                assertThat(operation.bodies()).as(operation.toString()).isNotEmpty();
                operation
                        .bodies()
                        .forEach((name, body) -> assertThat(contract.problems(schema, body))
                                .as("%s, %s", operation, name)
                                .isEmpty());
            });
            for (JsonNode parameter : operation.parameters()) {
                assertThat(contract.problems(parameter.get("schema"), parameter.path("example")))
                        .as("%s, %s", operation, parameter)
                        .isEmpty();
            }
            for (JsonNode response : operation.described().get("responses")) {
                JsonNode json = contract.resolved(response).at("/content").path("application/json");
                if (json.has("example")) {
                    assertThat(contract.problems(json.get("schema"), json.get("example")))
                            .as("%s, %s", operation, response)
                            .isEmpty();
                }
            }
        }
    }

    /** The ids in all examples are the few of one story, so that whoever reads two of them understands both. */
    @Test
    void tellsOneStory() {
        Set<String> ids = new HashSet<>();
        HEX_ID.matcher(contract.document().toString()).results().forEach(found -> ids.add(found.group()));
        assertThat(contract.document().toString().replaceAll(HEX_ID.pattern(), ""))
                .doesNotContain("01980f2e");
        assertThat(ids)
                .contains(contract.document()
                        .at("/components/parameters/user_id/example")
                        .textValue());
    }

    @Test
    void saysTheLimitsOfThisServer() {
        assertThat(contract.document().at("/info/version").textValue()).isEqualTo("1.2.3");
        assertThat(contract.document()
                        .at("/components/schemas/Round/properties/messages/maxItems")
                        .intValue())
                .isEqualTo(ApiServer.SETTINGS.maxMessagesPerRequest());
        assertThat(contract.document().toString()).doesNotContain("${");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/openapi.json", "/openapi.json/", "/api/v1/openapi.json"})
    void isAtEitherPlace(String path) {
        Answer answer = server.get(path);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("content-type")).isEqualTo("application/json");
        assertThat(answer.json()).isEqualTo(contract.document());
    }

    @Test
    void isMadeAgainWhenItCouldNotBeMade() {
        ApiServer fresh = new ApiServer();
        fresh.databaseIsGone = true;
        assertThat(fresh.get("/docs").status()).isEqualTo(503);
        fresh.databaseIsGone = false;
        fresh.awaitStatus(200, "/docs");
        fresh.close();
    }
}
