package memfuse.actors.user;

import static memfuse.actors.user.UserStage.contents;
import static memfuse.actors.user.UserStage.everything;
import static memfuse.actors.user.UserStage.words;
import static org.assertj.core.api.Assertions.assertThat;

import memfuse.actors.user.UserStage.Answer;
import memfuse.actors.user.UserStage.Bounds;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.user.ChunkRequest;
import memfuse.protocol.user.QueryRequest;
import memfuse.protocol.user.QueryRequest.StoreType;
import memfuse.protocol.user.UserProtocol.ChunksListed;
import memfuse.protocol.user.UserProtocol.EraseSession;
import memfuse.protocol.user.UserProtocol.Erased;
import memfuse.protocol.user.UserProtocol.Hits;
import memfuse.protocol.user.UserProtocol.ListChunks;
import org.junit.jupiter.api.Test;

/** Users so large that their searches have threads of their own. */
class SearchElsewhereTest extends UserTestBase {
    /** A user with a message {@code first words} in {@code s} and one {@code other words} in {@code t}. */
    private UserStage large() {
        UserStage stage = stage(Bounds.WIDE.withSearchAsideFrom(1));
        stage.sessions("s", "t");
        stage.append("s", "a", "first words");
        stage.append("t", "b", "other words");
        assertThat(stage.found("words")).containsExactly("first words", "other words");
        return stage;
    }

    @Test
    void findsWhatIsAskedFor() {
        UserStage stage = large();
        Hits hits = stage.find(everything("first"));
        assertThat(hits.byMeaning()).isTrue();
        assertThat(hits.hits().get(0).content()).isEqualTo("first words");
        assertThat(stage.find(new QueryRequest("words", null, "nobody", 5, StoreType.ALL, true, true))
                        .hits())
                .isEmpty();
    }

    @Test
    void writesDoNotWaitForASearch() {
        UserStage stage = large();
        stage.searchExecutor.hold();
        Answer query = stage.query(words("more words"));
        stage.append("s", "c", "more words");
        stage.append("s", "d", "still more words");
        query.isNotThere();

        stage.searchExecutor.release();
        assertThat(contents(query.get(Hits.class))).contains("first words");
        assertThat(stage.found("words"))
                .containsExactly("first words", "more words", "other words", "still more words");
    }

    @Test
    void aQueryAfterAnAppendFindsItThoughAnotherSearchIsUnderWay() {
        UserStage stage = large();
        stage.searchExecutor.hold();
        Answer before = stage.query(words("words before"));
        stage.append("s", "c", "more words");
        Answer after = stage.query(words("words after"));
        Answer chunks = stage.send(replyTo -> new ListChunks(allChunks(), replyTo));
        stage.searchExecutor.release();

        before.get(Hits.class);
        assertThat(contents(after.get(Hits.class))).contains("more words");
        assertThat(chunks.get(ChunksListed.class).total()).isEqualTo(3);
    }

    private static ChunkRequest allChunks() {
        return new ChunkRequest(null, null, 10, ChunkRequest.SortBy.ID, false);
    }

    @Test
    void remembersNothingThatWasFoundBeforeAWrite() {
        UserStage stage = large();
        stage.searchExecutor.hold();
        Answer query = stage.query(words("more"));
        stage.append("s", "c", "more words");
        stage.searchExecutor.release();
        query.get(Hits.class);

        Hits again = stage.find(words("more"));
        assertThat(again.cached()).isFalse();
        assertThat(contents(again)).contains("more words");
        assertThat(stage.find(words("more")).cached()).isTrue();
    }

    @Test
    void tellsNothingThatWasChangedOrErasedMeanwhile() {
        UserStage stage = large();
        stage.searchExecutor.hold();
        Answer query = stage.query(words("the words"));
        stage.update("t", "b", "changed words");
        assertThat(stage.ask(replyTo -> new EraseSession("s", replyTo))).isEqualTo(new Erased("s"));
        stage.searchExecutor.release();

        assertThat(contents(query.get(Hits.class))).containsExactly("changed words");
    }

    @Test
    void refusesMoreSearchesThanMayBeUnderWay() {
        UserStage stage = stage(new Bounds(2, 2, 512, 10).withSearchAsideFrom(1));
        stage.sessions("s");
        stage.append("s", "a", "first words");
        stage.found("words");
        stage.searchExecutor.hold();
        Answer one = stage.query(words("words one"));
        Answer two = stage.query(words("words two"));
        stage.query(words("words three")).isRefused(ErrorCode.OVERLOADED);
        stage.searchExecutor.release();
        one.get(Hits.class);
        two.get(Hits.class);
    }

    @Test
    void endsAfterTheSearchesUnderWay() {
        UserStage stage = large();
        stage.searchExecutor.hold();
        Answer query = stage.query(words("the words"));
        stage.user.tell(new UserActor.Stop());
        query.isNotThere();
        stage.searchExecutor.release();
        query.get(Hits.class);
        stage.awaitEnd();
    }
}
