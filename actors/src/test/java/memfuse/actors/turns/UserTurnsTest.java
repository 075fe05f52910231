package memfuse.actors.turns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class UserTurnsTest {
    private final Deque<Runnable> given = new ArrayDeque<>();
    private final List<String> done = new ArrayList<>();
    private final UserTurns turns = new UserTurns(given::add, 2);

    @Test
    void givesAUserAFewThreadsAtATime() {
        ask("hot", "h", 5);
        assertThat(given).hasSize(2);
        runOne();
        assertThat(given).hasSize(2);
        runAll();
        assertThat(done).containsExactly("h0", "h1", "h2", "h3", "h4");
        assertThat(turns.users()).isZero();
    }

    @Test
    void letsAUserWaitForAFewTasksOfEachOtherOneAlone() {
        ask("hot", "h", 100);
        ask("other", "o", 1);
        for (int i = 0; i < 3; i++) {
            runOne();
        }
        assertThat(done).containsExactly("h0", "h1", "o0");
    }

    @Test
    void goesOnAfterATaskThatFails() {
        turns.of("hot").execute(() -> {
            throw new IllegalStateException("fails");
        });
        ask("hot", "h", 2);
        assertThatThrownBy(this::runOne).hasMessage("fails");
        runAll();
        assertThat(done).containsExactly("h0", "h1");
        assertThat(turns.users()).isZero();
    }

    @Test
    void keepsNothingOfAUserWhomTheExecutorRefuses() {
        UserTurns closed = new UserTurns(
                task -> {
                    throw new RejectedExecutionException("closed");
                },
                2);
        assertThatThrownBy(() -> closed.of("any").execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        assertThat(closed.users()).isZero();
    }

    @Test
    void sharesAThirdOfTheThreadsAndOneAtTheLeast() {
        assertThat(UserTurns.shareOf(10)).isEqualTo(3);
        assertThat(UserTurns.shareOf(2)).isEqualTo(1);
    }

    private void ask(String userId, String name, int count) {
        for (int i = 0; i < count; i++) {
            String task = name + i;
            turns.of(userId).execute(() -> done.add(task));
        }
    }

    private void runOne() {
        given.remove().run();
    }

    private void runAll() {
        while (!given.isEmpty()) {
            runOne();
        }
    }
}
