package memfuse.actors.flush;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import memfuse.actors.flush.FlushQueue.Job;
import memfuse.protocol.flush.FlushProtocol.FlushStored;
import memfuse.protocol.flush.FlushProtocol.Submit;
import memfuse.protocol.testkit.FlushBuilder;
import org.apache.pekko.actor.testkit.typed.javadsl.TestInbox;
import org.junit.jupiter.api.Test;

class FlushQueueTest {
    private final TestInbox<FlushStored> inbox = TestInbox.create();
    private final FlushQueue queue = new FlushQueue();

    @Test
    void takesNothingFromAnEmptyQueue() {
        assertThat(queue.isEmpty()).isTrue();
        assertThat(queue.take(10)).isEmpty();
    }

    @Test
    void takesFlushesInTheOrderTheyCameUntilThereAreEnoughMessages() {
        queue.add(job("a", "a1", 3));
        queue.add(job("b", "b1", 3));
        queue.add(job("c", "c1", 3));
        queue.add(job("d", "d1", 3));

        assertThat(sessions(queue.take(7))).containsExactly("a1", "b1", "c1");
        assertThat(queue.size()).isEqualTo(1);
        assertThat(sessions(queue.take(7))).containsExactly("d1");
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void takesOneAtLeastHoweverLargeItIs() {
        queue.add(job("a", "a1", 50));
        queue.add(job("b", "b1", 1));

        assertThat(sessions(queue.take(10))).containsExactly("a1");
        assertThat(sessions(queue.take(10))).containsExactly("b1");
    }

    @Test
    void isFullWhenWaitingWouldNotMakeTheNextTransactionLarger() {
        assertThat(queue.isFull(3)).isFalse();
        queue.add(job("a", "a1", 2));
        assertThat(queue.isFull(3)).isFalse();
        queue.add(job("b", "b1", 1));
        assertThat(queue.isFull(3)).isTrue();
        queue.remove("b1");
        assertThat(queue.isFull(3)).isFalse();
        queue.add(job("a", "a1", 3));
        assertThat(queue.isFull(3)).isTrue();
        queue.take(3);
        queue.add(job("c", "c1", 1).failedAmong(4));
        assertThat(queue.isFull(3)).isFalse();
        queue.add(job("d", "d1", 1));
        assertThat(queue.isFull(3)).isTrue();
    }

    @Test
    void servesUsersInTurn() {
        for (int i = 1; i <= 4; i++) {
            queue.add(job("a", "a" + i, 1));
        }
        queue.add(job("b", "b1", 1));
        queue.add(job("c", "c1", 1));

        assertThat(sessions(queue.take(2))).containsExactly("a1", "b1");
        queue.add(job("b", "b2", 1));
        assertThat(sessions(queue.take(10))).containsExactly("c1", "a2", "b2", "a3", "a4");
    }

    @Test
    void takesWhatHasFailedInHalves() {
        for (int i = 1; i <= 6; i++) {
            queue.add(job("u" + i, "s" + i, 1).failedAmong(7));
        }
        queue.add(job("u7", "s7", 1));

        assertThat(sessions(queue.take(10))).containsExactly("s1", "s2", "s3");
        assertThat(sessions(queue.take(10))).containsExactly("s4", "s5", "s6");
        assertThat(sessions(queue.take(10))).containsExactly("s7");
    }

    @Test
    void letsWhatHasFailedGoWithNoMoreThanItMay() {
        queue.add(job("a", "a1", 1));
        queue.add(job("b", "b1", 1).failedAmong(4));
        queue.add(job("c", "c1", 1));

        assertThat(sessions(queue.take(10))).containsExactly("a1", "b1");
        assertThat(sessions(queue.take(10))).containsExactly("c1");
    }

    @Test
    void countsFailuresOfOneThatIsAlone() {
        Job job = job("a", "a1", 1).failedAmong(5);
        assertThat(job.failures()).isZero();
        assertThat(job.failedAmong(1).failedAmong(1).failures()).isEqualTo(2);
    }

    @Test
    void takesWhatHasFailedAmongTwoAlone() {
        queue.add(job("a", "a1", 1));
        queue.add(job("b", "b1", 1).failedAmong(2));
        queue.add(job("c", "c1", 1));

        assertThat(sessions(queue.take(10))).containsExactly("a1");
        assertThat(sessions(queue.take(10))).containsExactly("b1");
        assertThat(sessions(queue.take(10))).containsExactly("c1");
    }

    @Test
    void replacesTheFlushThatASessionHasWaiting() {
        queue.add(job("a", "a1", 1));
        queue.add(job("a", "a2", 1));
        queue.add(job("a", "a1", 2));

        assertThat(queue.size()).isEqualTo(2);
        List<Job> taken = queue.take(10);
        assertThat(sessions(taken)).containsExactly("a2", "a1");
        assertThat(taken.get(1).submit().flush().appended()).hasSize(2);
    }

    @Test
    void dropsAFlushThatIsRemoved() {
        queue.add(job("a", "a1", 1));
        queue.add(job("a", "a2", 1));
        queue.add(job("b", "b1", 1));
        queue.remove("a1");
        queue.remove("b1");
        queue.remove("b1");
        queue.remove("unknown");

        assertThat(sessions(queue.take(10))).containsExactly("a2");
        assertThat(queue.isEmpty()).isTrue();
        assertThat(queue.size()).isZero();
    }

    private Job job(String userId, String sessionId, int messages) {
        FlushBuilder flush = new FlushBuilder(userId, sessionId);
        for (int seq = 1; seq <= messages; seq++) {
            flush.append(seq);
        }
        return Job.of(new Submit(flush.build(), inbox.getRef()));
    }

    private static List<String> sessions(List<Job> jobs) {
        return jobs.stream().map(Job::sessionId).toList();
    }
}
