package memfuse.actors.session;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.session.SessionProtocol.BufferStatus;
import memfuse.protocol.session.SessionProtocol.KeyedAnswer;
import org.jspecify.annotations.Nullable;

/**
 * A session's two buffers as one sequence of rounds, oldest first: the generation that is being flushed, the filling one,
 * the round buffer. Counts what is in them, so that no append has to.
 *
 * <p>Not thread-safe; part of one {@link SessionMemory}.
 */
final class SessionBuffers {
    private final RoundBuffer roundBuffer;
    private final HybridBuffer hybridBuffer;
    private final Map<String, Message> byId = new HashMap<>();
    private int messages;
    private long sizeBytes;

    SessionBuffers(SessionSettings settings) {
        this.roundBuffer = new RoundBuffer(settings.roundMaxTokens(), settings.roundMaxSize());
        this.hybridBuffer = new HybridBuffer(settings.hybridMaxSize());
    }

    /** Takes in a round, and moves on what has to move because of it. */
    void add(BufferedRound round) {
        count(round, 1);
        round.messages().forEach(message -> byId.put(message.message().id(), message.message()));
        hybridBuffer.accept(roundBuffer.add(round));
    }

    /** Puts {@code replacement} in the place of the message with its number, in this round of the buffers. */
    void replace(BufferedRound round, BufferedMessage replacement) {
        count(round, -1);
        round.replace(replacement);
        count(round, 1);
        byId.put(replacement.message().id(), replacement.message());
    }

    /** Takes a message out of its round. */
    void remove(BufferedRound round, long seq) {
        count(round, -1);
        round.remove(seq);
        count(round, 1);
        byId.values().removeIf(message -> message.seq() == seq);
    }

    private void count(BufferedRound round, int sign) {
        messages += sign * round.messages().size();
        sizeBytes += sign * round.sizeBytes();
    }

    /** Moves all rounds on to the hybrid buffer, so that the next flush takes everything. */
    void transferAll() {
        hybridBuffer.accept(roundBuffer.drain());
    }

    /** Makes the filling generation the flushing one and returns it. */
    List<BufferedRound> seal() {
        return hybridBuffer.seal();
    }

    /** Drops the flushing generation: the store has these messages. */
    void retire(List<Message> stored) {
        hybridBuffer.flushing().forEach(round -> count(round, -1));
        hybridBuffer.retire();
        for (Message message : stored) {
            byId.computeIfPresent(message.id(), (id, buffered) -> buffered.seq() == message.seq() ? null : buffered);
        }
    }

    /** Drops everything. */
    void clear() {
        roundBuffer.drain();
        hybridBuffer.clear();
        byId.clear();
        messages = 0;
        sizeBytes = 0;
    }

    /** Whether there is no round, not even an emptied one. */
    boolean isEmpty() {
        return isRoundBufferEmpty()
                && hybridBuffer.filling().isEmpty()
                && hybridBuffer.flushing().isEmpty();
    }

    boolean isRoundBufferEmpty() {
        return roundBuffer.rounds().isEmpty();
    }

    /** Whether the hybrid buffer asks to be flushed by its size. */
    boolean isHybridFull() {
        return hybridBuffer.isFull();
    }

    /** Whether the round is of the generation that is being flushed. */
    boolean isFlushing(BufferedRound round) {
        return hybridBuffer.flushing().contains(round);
    }

    /** The generation that the next flush takes. */
    List<BufferedRound> filling() {
        return hybridBuffer.filling();
    }

    /** Messages that are left in all rounds. */
    int messageCount() {
        return messages;
    }

    /** What they take up in memory, about. */
    long sizeBytes() {
        return sizeBytes;
    }

    /** What is left of all messages, in order. */
    List<BufferedMessage> messages() {
        return rounds().flatMap(round -> round.messages().stream()).toList();
    }

    /** The units of the messages from {@code firstSeq} on. */
    List<MemoryUnit> unitsFrom(long firstSeq) {
        List<MemoryUnit> units = new ArrayList<>();
        rounds().filter(round -> round.lastSeq() >= firstSeq)
                .flatMap(round -> round.messages().stream())
                .filter(buffered -> buffered.message().seq() >= firstSeq)
                .forEach(buffered -> units.addAll(buffered.units()));
        return units;
    }

    /** The message with this id, or null. */
    @Nullable
    Message find(String messageId) {
        return byId.get(messageId);
    }

    /** The round that has the message with this number, or null. */
    @Nullable
    BufferedRound roundOf(long seq) {
        return rounds().filter(round -> round.find(seq) != null).findFirst().orElse(null);
    }

    /** The answer to an append under this key, or null. */
    @Nullable
    KeyedAnswer answer(String key) {
        return rounds().map(BufferedRound::answer)
                .filter(answer -> answer != null && answer.key().key().equals(key))
                .findFirst()
                .orElse(null);
    }

    /** The number of the last message beyond the round buffer, where {@code lastSeq} is the last of all. */
    long transferredSeq(long lastSeq) {
        return transferredSeq(roundBuffer, lastSeq);
    }

    private static long transferredSeq(RoundBuffer roundBuffer, long lastSeq) {
        return roundBuffer.rounds().isEmpty()
                ? lastSeq
                : roundBuffer.rounds().get(0).firstSeq() - 1;
    }

    BufferStatus status() {
        return status(roundBuffer, 0);
    }

    /**
     * What the buffers would be after one more round.
     *
     * @param transferredSeq the number of the last message beyond the round buffer
     */
    record Foreseen(BufferStatus status, long transferredSeq) {}

    /** What the buffers would be after this round; they stay as they are. */
    Foreseen foresee(BufferedRound round) {
        RoundBuffer after = roundBuffer.copy();
        int transferred = after.add(round).size();
        return new Foreseen(status(after, transferred), transferredSeq(after, round.lastSeq()));
    }

    private BufferStatus status(RoundBuffer roundBuffer, int transferred) {
        return new BufferStatus(
                roundBuffer.rounds().size(),
                roundBuffer.tokens(),
                hybridBuffer.filling().size() + transferred,
                hybridBuffer.flushing().size());
    }

    private Stream<BufferedRound> rounds() {
        return Stream.of(hybridBuffer.flushing(), hybridBuffer.filling(), roundBuffer.rounds())
                .flatMap(Collection::stream);
    }
}
