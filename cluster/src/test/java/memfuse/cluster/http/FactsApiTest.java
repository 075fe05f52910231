package memfuse.cluster.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import memfuse.protocol.facts.ExtractedFact;
import memfuse.protocol.testkit.FlushBuilder;
import memfuse.protocol.user.UserProtocol.UnflushedChanges;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code GET /users/{id}/facts} answers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FactsApiTest {
    private final ApiServer server = new ApiServer();

    @BeforeAll
    void storeFacts() {
        server.layers.flush(List.of(new FlushBuilder("u1", "s1").append(1, 2, 3).build()));
        server.layers
                .facts()
                .waiting(1, 10, 1_000, Set.of())
                .forEach(batch -> server.layers
                        .facts()
                        .store(batch, List.of(lives("Lisbon", 1L), lives("Porto", 2L, 3L)), "t/1"));
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private static ExtractedFact lives(String where, Long... seqs) {
        return new ExtractedFact(
                "Ann", "lives in", where, "I live in " + where + ".", "lives in", List.of(seqs), null, null, 0.5);
    }

    @Test
    void tellsWhatHolds() {
        assertThat(server.get("/api/v1/users/u1/facts").json())
                .isEqualTo(ApiServer.parse("""
                {"status":"success","code":200,"message":"Facts retrieved successfully","errors":null,"data":{"facts":[
                 {"id":"%s","subject":"Ann","predicate":"lives in","object":"Porto","text":"I live in Porto.",
                  "session_id":"s1","evidence":["m2","m3"],"said_at":"%s","valid_from":"%s","valid_to":null,
                  "superseded_by":null,"confidence":0.5,"extractor":"t/1"}]}}""".formatted(lives("Porto", 2L, 3L).idIn("s1"), time(3), time(3))));
    }

    /** The change is acknowledged and journaled, the flush that removes its facts has not come yet. */
    @Test
    void leavesOutWhatMessagesSayNoMore() {
        server.gateway.next(new UnflushedChanges(Map.of("s1", List.of(3L))));
        var facts = server.get("/api/v1/users/u1/facts?superseded=true").json().at("/data/facts");
        assertThat(facts).hasSize(1);
        assertThat(facts.get(0).get("object").textValue()).isEqualTo("Lisbon");
        server.gateway.next(new UnflushedChanges(Map.of("s2", List.of(1L, 2L, 3L))));
        assertThat(server.get("/api/v1/users/u1/facts?superseded=true").json().at("/data/facts"))
                .hasSize(2);
    }

    @Test
    void tellsWhatWasSuperseded() {
        var facts = server.get("/api/v1/users/u1/facts?superseded=true").json().at("/data/facts");
        assertThat(facts).hasSize(2);
        assertThat(facts.get(1).get("object").textValue()).isEqualTo("Lisbon");
        assertThat(facts.get(1).get("valid_to").textValue()).isEqualTo(time(3));
        assertThat(facts.get(1).get("superseded_by")).isEqualTo(facts.get(0).get("id"));
        assertThat(server.get("/api/v1/users/u1/facts?superseded=true&limit=1")
                        .json()
                        .at("/data/facts"))
                .hasSize(1);
    }

    @Test
    void tellsWhatHeldAtATime() {
        var facts = server.get("/api/v1/users/u1/facts/?at=" + time(2)).json().at("/data/facts");
        assertThat(facts).hasSize(1);
        assertThat(facts.get(0).get("object").textValue()).isEqualTo("Lisbon");
        assertThat(server.get("/api/v1/users/u1/facts?at=2001-01-01").json().at("/data/facts"))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "limit=0, limit, limit must be an integer from 1 to 500: limit=0",
        "limit=501, limit, limit must be an integer from 1 to 500: limit=501",
        "limit=many, limit, limit must be an integer from 1 to 500: limit=many",
        "at=yesterday, at, at must be an ISO-8601 time of the years 1 to 9999: at=yesterday",
        "superseded=maybe, superseded, superseded must be true or false: superseded=maybe"
    })
    void refusesWhatItCannotRead(String query, String field, String message) {
        var answer = server.get("/api/v1/users/u1/facts?" + query);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().at("/errors/0/field").textValue()).isEqualTo(field);
        assertThat(answer.json().get("message").textValue()).isEqualTo(message);
    }

    @Test
    void knowsNoFactsOfNobody() {
        var answer = server.get("/api/v1/users/nobody/facts");
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json().get("message").textValue()).isEqualTo("User with ID 'nobody' not found");
    }

    /** When message {@code seq} was said, as the API writes it. */
    private static String time(long seq) {
        Instant said = FlushBuilder.EPOCH.plusSeconds(seq);
        return said.toString();
    }
}
