package memfuse.actors.user;

import static memfuse.actors.user.UserStage.says;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.knowledge.NewKnowledge;
import memfuse.protocol.memory.RoundId;
import memfuse.protocol.session.SessionProtocol.AppendRound;
import memfuse.protocol.user.Chunk;
import memfuse.protocol.user.ChunkRequest;
import memfuse.protocol.user.ChunkRequest.SortBy;
import memfuse.protocol.user.Hit;
import memfuse.protocol.user.UserProtocol.AddKnowledge;
import memfuse.protocol.user.UserProtocol.Appended;
import memfuse.protocol.user.UserProtocol.ChunksListed;
import memfuse.protocol.user.UserProtocol.KnowledgeChanged;
import memfuse.protocol.user.UserProtocol.ListChunks;
import memfuse.protocol.user.UserProtocol.Refused;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a user's messages are searched by, as it is listed. */
class UserChunksTest extends UserTestBase {
    private static ChunkRequest inOrder(@Nullable String sessionId) {
        return new ChunkRequest(sessionId, null, 100, SortBy.ID, false);
    }

    private static ChunksListed list(UserStage stage, ChunkRequest request) {
        return stage.send(replyTo -> new ListChunks(request, replyTo)).get(ChunksListed.class);
    }

    private static List<String> listed(UserStage stage, ChunkRequest request) {
        return list(stage, request).chunks().stream().map(Chunk::content).toList();
    }

    private static List<String> inRound(UserStage stage, long firstSeq) {
        return listed(stage, new ChunkRequest("s", new RoundId("s", firstSeq), 100, SortBy.ID, false));
    }

    private static void appendTwo(UserStage stage) {
        stage.send("s", new AppendRound(List.of(says("a", "one|two"), says("b", "three")), UserStage.START))
                .get(Appended.class);
    }

    @Test
    void listsEachUnitOnceFromTheAnswerToItsAppendOn() {
        UserStage stage = stage("s", "t");
        appendTwo(stage);
        stage.append("s", "c", "four");
        stage.append("t", "d", "elsewhere");
        assertThat(listed(stage, inOrder("s"))).containsExactly("one", "two", "three", "four");
        Chunk second = list(stage, inOrder("s")).chunks().get(1);
        assertThat(second.id()).isEqualTo("s-1-1");
        assertThat(second.messageId()).isEqualTo("a");
        assertThat(second.session().id()).isEqualTo("s");
        assertThat(second.layer()).isEqualTo(Hit.Layer.ROUND_BUFFER);

        stage.flushAll();
        assertThat(listed(stage, inOrder("s"))).containsExactly("one", "two", "three", "four");
        stage.restart();
        assertThat(list(stage, inOrder("s")).chunks())
                .extracting(Chunk::layer)
                .containsOnly(Hit.Layer.M1)
                .hasSize(4);
        stage.update("s", "a", "five");
        stage.delete("s", "c");
        assertThat(listed(stage, inOrder("s"))).containsExactly("five", "three");
        assertThat(listed(stage, inOrder(null))).containsExactly("five", "three", "elsewhere");
    }

    @Test
    void keepsRoundsThroughFlushesAndChanges() {
        UserStage stage = stage("s");
        appendTwo(stage);
        stage.append("s", "c", "four");
        assertThat(inRound(stage, 1)).containsExactly("one", "two", "three");
        assertThat(inRound(stage, 3)).containsExactly("four");
        stage.update("s", "b", "buffered change");
        assertThat(inRound(stage, 1)).containsExactly("one", "two", "buffered change");
        stage.delete("s", "a");
        stage.flushAll();
        stage.update("s", "b", "stored change|again");
        assertThat(inRound(stage, 1)).containsExactly("stored change", "again");

        stage.flushAll();
        stage.restart();
        assertThat(inRound(stage, 1)).containsExactly("stored change", "again");
        assertThat(inRound(stage, 3)).containsExactly("four");
        stage.crash();
        stage.append("s", "d", "five");
        assertThat(inRound(stage, 4)).containsExactly("five");
    }

    @Test
    void knowsNoRoundThatIsNotThere() {
        UserStage stage = stage("s", "t");
        appendTwo(stage);
        RoundId none = new RoundId("s", 2);
        assertThat(stage.ask(replyTo -> new ListChunks(new ChunkRequest("s", none, 5, SortBy.ID, false), replyTo)))
                .isEqualTo(new Refused(ErrorCode.NOT_FOUND, "Round with ID 's-2' not found", "round_id"));
        stage.send(replyTo -> new ListChunks(inOrder("none"), replyTo)).isRefused(ErrorCode.NOT_FOUND);
        assertThat(list(stage, inOrder("t"))).isEqualTo(new ChunksListed(List.of(), 0));
    }

    @Test
    void givesThePageThatIsAskedForAndCountsAll() {
        UserStage stage = stage("s");
        for (String id : List.of("a", "b", "c", "d")) {
            stage.append("s", id, id);
        }
        ChunksListed newest = list(stage, new ChunkRequest("s", null, 2, SortBy.TIMESTAMP, true));
        assertThat(newest.chunks()).extracting(Chunk::content).containsExactly("d", "c");
        assertThat(newest.total()).isEqualTo(4);
        assertThat(listed(stage, new ChunkRequest("s", null, 3, SortBy.ID, false)))
                .containsExactly("a", "b", "c");
    }

    @Test
    void saysWhatIsEmbeddedAndListsNoKnowledge() {
        UserStage stage = stage("s");
        stage.vectors.noUnit("without");
        stage.append("s", "a", "with");
        stage.append("s", "b", "without");
        stage.send(replyTo -> new AddKnowledge(List.of(new NewKnowledge("k", "known", 1)), UserStage.START, replyTo))
                .get(KnowledgeChanged.class);

        stage.flushAll();
        assertThat(list(stage, inOrder(null)).chunks())
                .extracting(Chunk::embedded)
                .containsExactly(true, false);
    }
}
