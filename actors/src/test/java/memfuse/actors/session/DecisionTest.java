package memfuse.actors.session;

import static memfuse.actors.session.Samples.NOW;
import static memfuse.actors.session.Samples.appended;
import static memfuse.actors.session.Samples.message;
import static memfuse.actors.session.Samples.round;
import static memfuse.actors.session.Samples.says;
import static memfuse.actors.session.SettingsDraft.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import memfuse.actors.session.StoredMessages.Named;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.NewMessage;
import memfuse.protocol.memory.Role;
import memfuse.protocol.session.SessionProtocol.AppendRound;
import memfuse.protocol.session.SessionProtocol.BufferStatus;
import memfuse.protocol.session.SessionProtocol.DeleteMessages;
import memfuse.protocol.session.SessionProtocol.FlushNow;
import memfuse.protocol.session.SessionProtocol.Flushed;
import memfuse.protocol.session.SessionProtocol.IdempotencyKey;
import memfuse.protocol.session.SessionProtocol.KeyedAnswer;
import memfuse.protocol.session.SessionProtocol.MessagesDeleted;
import memfuse.protocol.session.SessionProtocol.MessagesUpdated;
import memfuse.protocol.session.SessionProtocol.ReadMessages;
import memfuse.protocol.session.SessionProtocol.Request;
import memfuse.protocol.session.SessionProtocol.RoundAppended;
import memfuse.protocol.session.SessionProtocol.UpdateMessages;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.user.UserProtocol.Appended;
import memfuse.protocol.user.UserProtocol.MessagesChanged;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DecisionTest {
    private static final int SIZE = message(1).sizeBytes();

    private SettingsDraft settings = settings();
    private SessionMemory memory = Samples.memory(settings);
    private Map<String, Message> stored = Map.of();
    private @Nullable KeyedAnswer storedAnswer;

    @Test
    void numbersTheMessagesOfARoundAfterTheLastOne() {
        has(appended(1, 2));

        Decision.Journal journal = journalOf(round("a", "b"));
        assertThat(journal.messageIds()).containsExactly("a", "b");
        assertThat(journal.event())
                .isEqualTo(new RoundAppended(List.of(
                        says("a", "content of a").at(3, NOW),
                        says("b", "content of b").at(4, NOW))));
    }

    @Test
    void leavesOutMessagesThatAreThereAlready() {
        has(appended(1, 1));
        stored = Map.of("old", says("old", "content of old").at(1, NOW));

        Decision.Journal journal = journalOf(round("m1", "new", "old"));
        assertThat(journal.messageIds()).containsExactly("m1", "new", "old");
        assertThat(((RoundAppended) journal.event()).messages())
                .containsExactly(says("new", "content of new").at(2, NOW));
    }

    @Test
    void answersARepeatedKeyWithTheFirstAnswer() {
        Decision.Journal first = journalOf(keyed("k", "f", "a", "b"));
        has((RoundAppended) first.event());
        has(appended(3, 4));

        assertThat(answerTo(keyed("k", "f", "other", "ids")))
                .isEqualTo(new Appended(
                        List.of("a", "b"), false, 2, new BufferStatus(1, 20, 0, 0), new Watermarks(2, 0, 0, 0)));
        assertThat(journalOf(keyed("other", "f", "c")).messageIds()).containsExactly("c");
    }

    @Test
    void refusesOtherMessagesUnderAUsedKey() {
        has((RoundAppended) journalOf(keyed("k", "f", "a")).event());

        assertThat(codeOf(keyed("k", "g", "a"))).isEqualTo(ErrorCode.CONFLICT);
        assertThat(textOf(keyed("k", "g", "a"))).isEqualTo("Idempotency-Key 'k' was used for other messages");
    }

    @Test
    void answersAKeyWhoseAppendIsFlushed() {
        KeyedAnswer first = answerIn(journalOf(keyed("k", "f", "a")));
        storedAnswer = first;
        memory.onFlushed(new Flushed(9, 9), 1);

        assertThat(answerTo(keyed("k", "f", "b"))).isEqualTo(AppendAnswers.of(first));
        assertThat(codeOf(keyed("k", "g", "b"))).isEqualTo(ErrorCode.CONFLICT);
    }

    /** The answer is journaled with the round, so it has to be known before the round is taken in. */
    @Test
    void foretellsTheAnswerThatFollowsFromTheRound() {
        long seed = System.nanoTime();
        System.out.println("seed=" + seed);
        Random random = new Random(seed);
        for (int run = 0; run < 200; run++) {
            with(settings().roundBuffer(5 + random.nextInt(20), 1 + random.nextInt(4)));
            for (int i = 0; i < 12; i++) {
                AppendRound append = new AppendRound(
                        List.of(says("m" + i, "content", 1 + random.nextInt(20))),
                        NOW,
                        new IdempotencyKey("k" + i, "f"));
                long transferredBefore = memory.watermarks().transferred();
                Decision.Journal journal = journalOf(append);
                has((RoundAppended) journal.event());
                boolean transferred = memory.watermarks().transferred() > transferredBefore;
                assertThat(AppendAnswers.of(answerIn(journal)))
                        .isEqualTo(AppendAnswers.now(journal.messageIds(), transferred, memory));
                if (random.nextInt(4) == 0 && memory.seal() == null) {
                    memory.transferAll();
                }
            }
        }
    }

    @Test
    void answersARepeatedRoundWithoutJournalingIt() {
        has(appended(1, 2));

        assertThat(answerTo(round("m1", "m2")))
                .isEqualTo(new Appended(List.of("m1", "m2"), false, 2, memory.bufferStatus(), memory.watermarks()));
    }

    @Test
    void storesAMessageThatARoundSaysTwiceOnce() {
        Decision.Journal journal = journalOf(round("a", "a", "b"));

        assertThat(journal.messageIds()).containsExactly("a", "a", "b");
        assertThat(((RoundAppended) journal.event()).messages())
                .containsExactly(
                        says("a", "content of a").at(1, NOW),
                        says("b", "content of b").at(2, NOW));
    }

    @Test
    void refusesTheWholeRoundWhereAnIdIsUsedForOtherContent() {
        has(appended(1, 1));
        stored = Map.of("old", message(1));

        assertThat(codeOf(round(says("new", "x"), says("m1", "something else"))))
                .isEqualTo(ErrorCode.CONFLICT);
        assertThat(codeOf(round("old"))).isEqualTo(ErrorCode.CONFLICT);
        assertThat(codeOf(round(says("new", "x"), says("new", "y")))).isEqualTo(ErrorCode.CONFLICT);
    }

    @Test
    void takesRoleSpeakerAndMetadataForContent() {
        has(appended(1, 1));
        String content = message(1).content();

        assertThat(codeOf(round(new NewMessage("m1", true, Role.ASSISTANT, null, content, null, null, 10))))
                .isEqualTo(ErrorCode.CONFLICT);
        assertThat(codeOf(round(new NewMessage("m1", true, Role.USER, "eve", content, null, null, 10))))
                .isEqualTo(ErrorCode.CONFLICT);
        assertThat(codeOf(round(new NewMessage("m1", true, Role.USER, null, content, null, "{}", 10))))
                .isEqualTo(ErrorCode.CONFLICT);
        assertThat(answerTo(round(new NewMessage("m1", true, Role.USER, null, content, NOW.plusSeconds(9), null, 99))))
                .isInstanceOf(Appended.class);
    }

    @Test
    void answersAnEmptyRoundWithoutJournalingIt() {
        assertThat(answerTo(round(new NewMessage[0]))).isInstanceOf(Appended.class);
    }

    @Test
    void refusesARoundThatPassesTheHighWaterMarkOfMessages() {
        with(settings().highWater(4, 1_000_000));
        has(appended(1, 2));

        assertThat(codeOf(round("a", "b", "c"))).isEqualTo(ErrorCode.OVERLOADED);
        assertThat(textOf(round("a", "b", "c")))
                .isEqualTo("insufficient capacity: highWaterMessages=4, unflushedMessages=2, messages=3");
        journalOf(round("a", "b"));
        journalOf(round("m1", "a", "b"));
    }

    @Test
    void refusesARoundThatPassesTheHighWaterMarkOfBytes() {
        with(settings().highWater(100, 2L * SIZE));
        has(appended(1, 1));

        journalOf(round("a1"));
        assertThat(textOf(round("a1", "a2")))
                .isEqualTo("insufficient capacity: highWaterBytes=" + 2 * SIZE + ", unflushedBytes=" + SIZE + ", bytes="
                        + 2 * SIZE);
    }

    @Test
    void takesAnyRoundIntoACleanSession() {
        with(settings().highWater(1, 1));
        journalOf(round("a", "b", "c"));

        has(appended(1, 3));
        assertThat(codeOf(round("d"))).isEqualTo(ErrorCode.OVERLOADED);
        memory.transferAll();
        memory.seal();
        assertThat(codeOf(round("d"))).isEqualTo(ErrorCode.OVERLOADED);
        memory.stored(memory.lastJournalSeq());
        journalOf(round("d", "e"));
    }

    @Test
    void countsEventsWhereTheyAreMoreThanMessages() {
        with(settings().highWater(3, 1_000_000));
        has(appended(1, 1));
        memory.onMessagesUpdated(new MessagesUpdated(List.of(message(1, "new"))), 2);
        memory.onMessagesDeleted(new MessagesDeleted(List.of(1L)), 3);

        assertThat(codeOf(round("a"))).isEqualTo(ErrorCode.OVERLOADED);
    }

    @Test
    void refusesChangesBeyondTheHighWaterMarkToo() {
        with(settings().highWater(2, 1_000_000));
        has(appended(1, 2));

        assertThat(codeOf(update("m1"))).isEqualTo(ErrorCode.OVERLOADED);
        assertThat(codeOf(new DeleteMessages(List.of("m1")))).isEqualTo(ErrorCode.OVERLOADED);
        assertThat(answerTo(new ReadMessages(List.of("m1")))).isInstanceOf(MessagesRead.class);
        assertThat(answerTo(round("m1", "m2"))).isInstanceOf(Appended.class);
    }

    @Test
    void deletesManyMessagesAsOneEvent() {
        with(settings().highWater(4, 1_000_000));
        has(appended(1, 3));

        assertThat(journalOf(new DeleteMessages(List.of("m1", "m2", "m3"))).event())
                .isEqualTo(new MessagesDeleted(List.of(1L, 2L, 3L)));
    }

    @Test
    void readsBufferedAndStoredMessagesInTheOrderAsked() {
        memory.onFlushed(new Flushed(1, 1), 1);
        memory.onRoundAppended(appended(2, 2), 2);
        stored = Map.of("m1", message(1));
        Message second = message(2).inRound(2);

        assertThat(answerTo(new ReadMessages(List.of("m2", "m1", "m2"))))
                .isEqualTo(new MessagesRead(List.of(second, message(1), second)));
        assertThat(answerTo(new ReadMessages(List.of()))).isEqualTo(new MessagesRead(List.of()));
    }

    @Test
    void refusesUnknownIdsAndChangesNothing() {
        has(appended(1, 1));

        for (Request request : List.of(
                new ReadMessages(List.of("m1", "x")), update("m1", "x"), new DeleteMessages(List.of("m1", "x")))) {
            assertThat(answerTo(request))
                    .isEqualTo(new Refused(ErrorCode.NOT_FOUND, "Message with ID 'x' not found", "message_ids"));
        }
    }

    @Test
    void updatesMessagesWithWhatTheRequestSays() {
        has(appended(1, 1));
        stored = Map.of("old", says("old", "was").at(7, NOW));
        UpdateMessages update = new UpdateMessages(
                List.of("m1", "old"), List.of(says("m1", "one"), says("old", "two")), NOW.plusSeconds(5));

        Decision.Journal journal = journalOf(update);
        assertThat(journal.messageIds()).containsExactly("m1", "old");
        assertThat(((MessagesUpdated) journal.event()).messages())
                .extracting(Message::seq, Message::content, Message::createdAt, Message::updatedAt)
                .containsExactly(tuple(1L, "one", NOW, NOW.plusSeconds(5)), tuple(7L, "two", NOW, NOW.plusSeconds(5)));
    }

    @Test
    void takesTheLastContentOfAMessageThatIsNamedTwice() {
        has(appended(1, 1));
        UpdateMessages update =
                new UpdateMessages(List.of("m1", "m1"), List.of(says("m1", "one"), says("m1", "two")), NOW);

        assertThat(((MessagesUpdated) journalOf(update).event()).messages())
                .extracting(Message::content)
                .containsExactly("two");
        assertThat(journalOf(new DeleteMessages(List.of("m1", "m1"))).event())
                .isEqualTo(new MessagesDeleted(List.of(1L)));
    }

    @Test
    void answersAChangeOfNothingWithoutJournalingIt() {
        assertThat(answerTo(update())).isEqualTo(new MessagesChanged(List.of()));
        assertThat(answerTo(new DeleteMessages(List.of()))).isEqualTo(new MessagesChanged(List.of()));
    }

    @Test
    void decidesOnlyOnMessages() {
        assertThatThrownBy(() -> on(new FlushNow())).isInstanceOf(IllegalArgumentException.class);
    }

    private static UpdateMessages update(String... ids) {
        return new UpdateMessages(Arrays.asList(ids), Collections.nCopies(ids.length, says("x", "new")), NOW);
    }

    private static KeyedAnswer answerIn(Decision.Journal journal) {
        return Objects.requireNonNull(((RoundAppended) journal.event()).answer());
    }

    private static AppendRound keyed(String key, String fingerprint, String... ids) {
        return new AppendRound(round(ids).messages(), NOW, new IdempotencyKey(key, fingerprint));
    }

    private void with(SettingsDraft other) {
        settings = other;
        memory = Samples.memory(other);
    }

    private void has(RoundAppended round) {
        memory.onRoundAppended(round, memory.lastJournalSeq() + 1);
    }

    private Decision on(Request request) {
        return Decision.on(request, memory, new Named(stored, storedAnswer), settings.build());
    }

    private Decision.Journal journalOf(Request request) {
        Decision decision = on(request);
        assertThat(decision).isInstanceOf(Decision.Journal.class);
        return (Decision.Journal) decision;
    }

    private Reply answerTo(Request request) {
        Decision decision = on(request);
        assertThat(decision).isInstanceOf(Decision.Answer.class);
        return ((Decision.Answer) decision).reply();
    }

    private ErrorCode codeOf(Request request) {
        return ((Refused) answerTo(request)).code();
    }

    private String textOf(Request request) {
        return ((Refused) answerTo(request)).text();
    }
}
