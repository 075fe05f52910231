package memfuse.actors.user;

import static memfuse.actors.user.UserStage.round;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import memfuse.actors.user.UserStage.Answer;
import memfuse.protocol.ErrorCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What the log says of sessions that fail. */
class FailureLogTest extends UserTestBase {
    private static final List<Logger> LOGGERS = List.of(logger("memfuse"), logger("org.apache.pekko"));

    private final ListAppender<ILoggingEvent> said = new ListAppender<>();

    private static Logger logger(String name) {
        return (Logger) LoggerFactory.getLogger(name);
    }

    @BeforeEach
    void listen() {
        said.start();
        LOGGERS.forEach(logger -> {
            logger.setLevel(Level.INFO);
            logger.setAdditive(false);
            logger.addAppender(said);
        });
    }

    @AfterEach
    void listenNoMore() {
        LOGGERS.forEach(logger -> {
            logger.detachAppender(said);
            logger.setAdditive(true);
            logger.setLevel(Level.OFF);
        });
    }

    @Test
    void saysInOneLineThatManySessionsFail() {
        String[] ids = IntStream.range(0, 7).mapToObj(i -> "s" + i).toArray(String[]::new);
        UserStage stage = stage(ids);
        stage.journal.failNextWrites(ids.length);
        List<Answer> answers = IntStream.range(0, ids.length)
                .mapToObj(i -> stage.send(ids[i], round("m" + i, "lost")))
                .toList();
        answers.forEach(answer -> answer.isRefused(ErrorCode.UNAVAILABLE));
        assertThat(said.list).singleElement().satisfies(line -> {
            assertThat(line.getThrowableProxy()).isNull();
            assertThat(line.getFormattedMessage())
                    .matches("session s\\d+ failed and is started again: scripted: the write fails");
        });

        stage.pass(FailureLog.PERIOD.minus(Duration.ofMillis(1)));
        stage.pass(Duration.ofMillis(1));
        stage.append("s0", "m", "kept");
        stage.journal.failNextWrites(1);
        stage.send("s0", round("n", "lost")).isRefused(ErrorCode.UNAVAILABLE);
        assertThat(said.list).hasSize(2);
        assertThat(said.list.get(1).getFormattedMessage())
                .isEqualTo("session s0 failed and is started again, and 6 more since the last line:"
                        + " scripted: the write fails");
    }
}
