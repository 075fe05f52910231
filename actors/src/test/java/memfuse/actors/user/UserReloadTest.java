package memfuse.actors.user;

import static memfuse.actors.user.UserStage.everything;
import static memfuse.actors.user.UserStage.session;
import static memfuse.actors.user.UserStage.words;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import memfuse.actors.user.UserStage.Answer;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.session.SessionProtocol;
import memfuse.protocol.session.SessionProtocol.Flushed;
import memfuse.protocol.session.SessionProtocol.ReadWatermarks;
import memfuse.protocol.testkit.FlushBuilder;
import memfuse.protocol.user.UserProtocol.Hits;
import memfuse.protocol.user.UserProtocol.Reload;
import memfuse.protocol.user.UserProtocol.Reloaded;
import org.junit.jupiter.api.Test;

/** Sessions and memories that somebody else has stored. */
class UserReloadTest extends UserTestBase {
    private static void storeBeside(UserStage stage, String sessionId, String content) {
        stage.directory.createSession(session(sessionId));
        stage.journal.put(SessionProtocol.persistenceId(sessionId), 1, new Flushed(1, 1));
        stage.layers.flush(List.of(new FlushBuilder(UserStage.USER, sessionId)
                .append(FlushBuilder.message(1, content))
                .build()));
    }

    @Test
    void findsThemAtTheNextQuery() {
        UserStage stage = stage("s");
        stage.append("s", "a", "words of here");
        assertThat(stage.found("words")).containsExactly("words of here");
        storeBeside(stage, "t", "words of elsewhere");
        stage.send("t", new ReadWatermarks()).isRefused(ErrorCode.NOT_FOUND);

        stage.send(Reload::new).get(Reloaded.class);

        Hits hits = stage.find(words("words"));
        assertThat(UserStage.contents(hits)).containsExactly("words of elsewhere", "words of here");
        assertThat(hits.cached()).isFalse();
        assertThat(hits.hits()).anySatisfy(hit -> assertThat(hit.session()).isEqualTo(session("t")));
    }

    @Test
    void findsThemWithAQueryThatIsBeingEmbeddedMeanwhile() {
        UserStage stage = stage("s");
        stage.append("s", "a", "words of here");
        assertThat(stage.found("words")).hasSize(1);
        stage.vectors.holdQueries();
        Answer query = stage.query(everything("words"));
        storeBeside(stage, "t", "words of elsewhere");
        stage.send(Reload::new).get(Reloaded.class);

        stage.vectors.queries();

        assertThat(UserStage.contents(query.get(Hits.class))).containsExactly("words of elsewhere", "words of here");
    }

    @Test
    void keepsWhatWasAppendedBeforeAndAfter() {
        UserStage stage = stage("s");
        stage.append("s", "a", "words before");
        stage.send(Reload::new).get(Reloaded.class);
        stage.append("s", "b", "words after");

        assertThat(stage.found("words")).containsExactly("words after", "words before");
        stage.flushAll();
        stage.send(Reload::new).get(Reloaded.class);
        assertThat(stage.found("words")).containsExactly("words after", "words before");
    }
}
