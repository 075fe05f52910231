package memfuse.actors.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.session.SessionProtocol.BufferStatus;
import memfuse.protocol.session.SessionProtocol.Event;
import memfuse.protocol.session.SessionProtocol.Flushed;
import memfuse.protocol.session.SessionProtocol.KeyedAnswer;
import memfuse.protocol.session.SessionProtocol.MessagesDeleted;
import memfuse.protocol.session.SessionProtocol.MessagesUpdated;
import memfuse.protocol.session.SessionProtocol.RoundAppended;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.store.SessionFlush;
import memfuse.protocol.store.UnitVector;
import org.jspecify.annotations.Nullable;

/**
 * What a session knows of itself: the effect of its journaled events that are not in the layers yet.
 *
 * <p>Events come in through {@code onX}, in the journal's order, live and in a replay alike. A flush covers a prefix of
 * the journal: {@link #seal} makes it, and {@link #stored} forgets it once the store has written it and has replaced
 * those events by a {@link Flushed} marker. Changes of messages that are in M0 (or on their way there) are pending until
 * the next flush carries them; readers of M0 put {@link #changesOverStore} over what they read.
 *
 * <p>Not thread-safe; owned by one session actor.
 */
final class SessionMemory {
    private final String userId;
    private final String sessionId;
    private final String persistenceId;
    private final UnitSplitter splitter;
    private final SessionBuffers buffers;
    private final boolean isBuffered;
    private final int highWaterMessages;
    private final long highWaterBytes;

    /** The number of the last message ever appended. */
    private long lastSeq;

    /** The journal sequence numbers of the last event, and of the last one that changed or removed messages. */
    private long lastJournalSeq;

    private long lastChangeJournalSeq;

    private final LayerMarks layers = new LayerMarks();

    /** Changes of messages of M0 that no flush carries yet. */
    private PendingChanges pending = new PendingChanges();

    /** The flush under way with the pending changes it carries, or null. */
    private @Nullable Sealed sealed;

    private record Sealed(SessionFlush flush, PendingChanges changes) {}

    SessionMemory(
            String userId, String sessionId, String persistenceId, SessionSettings settings, UnitSplitter splitter) {
        this.userId = userId;
        this.sessionId = sessionId;
        this.persistenceId = persistenceId;
        this.splitter = splitter;
        this.buffers = new SessionBuffers(settings);
        this.isBuffered = settings.buffered();
        this.highWaterMessages = settings.highWaterMessages();
        this.highWaterBytes = settings.highWaterBytes();
    }

    /** Takes in the next event of the journal. */
    void on(Event event, long journalSeq) {
        if (event instanceof RoundAppended appended) {
            onRoundAppended(appended, journalSeq);
        } else if (event instanceof MessagesUpdated updated) {
            onMessagesUpdated(updated, journalSeq);
        } else if (event instanceof MessagesDeleted deleted) {
            onMessagesDeleted(deleted, journalSeq);
        } else if (event instanceof Flushed marker) {
            onFlushed(marker, journalSeq);
        }
    }

    /** Takes in a round. */
    void onRoundAppended(RoundAppended event, long journalSeq) {
        follow(journalSeq);
        List<BufferedMessage> messages = new ArrayList<>(event.messages().size());
        long roundSeq = event.messages().get(0).seq();
        for (Message message : event.messages()) {
            messages.add(buffer(message.inRound(roundSeq)));
            lastSeq = message.seq();
        }
        buffers.add(new BufferedRound(journalSeq, messages, event.answer()));
    }

    /** Takes in new content of messages, buffered or stored. */
    void onMessagesUpdated(MessagesUpdated event, long journalSeq) {
        follow(journalSeq);
        lastChangeJournalSeq = journalSeq;
        for (Message changed : event.messages()) {
            BufferedRound round = buffers.roundOf(changed.seq());
            BufferedMessage message = buffer(round == null ? changed : changed.inRound(round.firstSeq()));
            if (round != null) {
                buffers.replace(round, message);
            }
            if (round == null || buffers.isFlushing(round)) {
                pending.update(message);
            }
        }
    }

    /** Takes in the removal of messages, buffered or stored. */
    void onMessagesDeleted(MessagesDeleted event, long journalSeq) {
        follow(journalSeq);
        lastChangeJournalSeq = journalSeq;
        for (long seq : event.seqs()) {
            BufferedRound round = buffers.roundOf(seq);
            if (round != null) {
                buffers.remove(round, seq);
            }
            if (round == null || buffers.isFlushing(round)) {
                pending.delete(seq);
            }
        }
    }

    /**
     * Starts from a marker, in a replay. Events before it are in the layers: where a replay has seen some, the flush was
     * written while it was reading.
     */
    void onFlushed(Flushed marker, long journalSeq) {
        buffers.clear();
        pending = new PendingChanges();
        lastJournalSeq = journalSeq;
        lastSeq = marker.lastSeq();
        layers.onFlushed(marker, journalSeq);
    }

    /** Goes on to the next event; one that is missing would be lost with the next flush. */
    private void follow(long journalSeq) {
        if (journalSeq != lastJournalSeq + 1) {
            throw new IllegalStateException("events are missing in the journal of " + persistenceId + " between "
                    + lastJournalSeq + " and " + journalSeq);
        }
        lastJournalSeq = journalSeq;
    }

    /** Moves all rounds on to the hybrid buffer, so that the next flush takes everything. */
    void transferAll() {
        buffers.transferAll();
    }

    /** Whether a flush is under way. */
    boolean isFlushing() {
        return sealed != null;
    }

    /** Whether the hybrid buffer asks to be flushed by its size. */
    boolean isHybridFull() {
        return buffers.isHybridFull();
    }

    /** Whether messages of M0 were changed and no flush carries that yet. */
    boolean hasPendingChanges() {
        return !pending.isEmpty();
    }

    /** Whether everything journaled is in the layers. */
    boolean isClean() {
        return sealed == null && pending.isEmpty() && buffers.isEmpty();
    }

    /**
     * Makes a flush of what the hybrid buffer holds and of all pending changes; null where there is nothing, or where a
     * flush is under way.
     */
    @Nullable
    SessionFlush seal() {
        if (sealed != null || (buffers.filling().isEmpty() && pending.isEmpty())) {
            return null;
        }
        if (lastChangeJournalSeq > lastJournalSeqOf(buffers.filling())) {
            transferAll(); // a flush covers a prefix of the journal, and a change must not outlive what it changed
        }
        List<BufferedRound> rounds = buffers.seal();
        List<BufferedMessage> messages =
                rounds.stream().flatMap(round -> round.messages().stream()).toList();
        PendingChanges changes = pending;
        pending = new PendingChanges();
        boolean everything = buffers.isRoundBufferEmpty();
        SessionFlush flush = new SessionFlush(
                userId,
                sessionId,
                persistenceId,
                everything ? lastJournalSeq : lastJournalSeqOf(rounds),
                new Flushed(
                        transferredSeq(),
                        layers.storedCount()
                                + messages.size()
                                - changes.deleted().size()),
                layers.flushedSeq(),
                messages.stream().map(BufferedMessage::message).toList(),
                changes.updated().stream().map(BufferedMessage::message).toList(),
                changes.deleted(),
                Stream.concat(messages.stream(), changes.updated().stream())
                        .flatMap(message -> message.units().stream())
                        .toList(),
                rounds.stream()
                        .map(BufferedRound::answer)
                        .filter(Objects::nonNull)
                        .toList());
        sealed = new Sealed(flush, changes);
        return flush;
    }

    /** Forgets what the flush under way covers and returns it; null where another one is meant. */
    @Nullable
    SessionFlush stored(long upToJournalSeq) {
        if (sealed == null || sealed.flush().upToJournalSeq() != upToJournalSeq) {
            return null;
        }
        SessionFlush flush = sealed.flush();
        layers.onStored(flush);
        buffers.retire(flush.appended());
        sealed = null;
        return flush;
    }

    /** How far the layers are. */
    LayerMarks layers() {
        return layers;
    }

    /**
     * Takes in an embedding.
     *
     * @return whether a flush will carry it; otherwise its unit is in the store, or on its way there, without it
     */
    boolean setVector(UnitVector vector) {
        BufferedMessage change = pending.updated(vector.key().seq());
        if (change != null && change.canTake(vector)) {
            pending.update(change.with(vector));
            return true;
        }
        BufferedRound round = buffers.roundOf(vector.key().seq());
        BufferedMessage buffered =
                round == null ? null : round.find(vector.key().seq());
        if (round == null || buffered == null || !buffered.canTake(vector)) {
            return false;
        }
        buffers.replace(round, buffered.with(vector));
        return !buffers.isFlushing(round);
    }

    /** All that is buffered, in order: the flushing generation, the filling one, the round buffer. */
    List<BufferedMessage> buffered() {
        return buffers.messages();
    }

    /** The units of the messages from {@code firstSeq} on, which are all buffered. */
    List<MemoryUnit> unitsFrom(long firstSeq) {
        return buffers.unitsFrom(firstSeq);
    }

    /** The units of these messages as they are now, where they are buffered or changed. */
    List<MemoryUnit> unitsOf(List<Message> messages) {
        return messages.stream()
                .map(message -> {
                    BufferedMessage change = pending.updated(message.seq());
                    BufferedRound round = buffers.roundOf(message.seq());
                    return change != null || round == null ? change : round.find(message.seq());
                })
                .filter(Objects::nonNull)
                .flatMap(buffered -> buffered.units().stream())
                .toList();
    }

    /** The answer to a buffered append under this key, or null. */
    @Nullable
    KeyedAnswer answer(String key) {
        return buffers.answer(key);
    }

    /** What an append is told of the session once its messages are taken in. */
    record Foreseen(boolean transferTriggered, BufferStatus bufferStatus, Watermarks watermarks) {}

    /** What would be with these messages as the next round; nothing changes. */
    Foreseen foresee(List<Message> added) {
        List<BufferedMessage> messages = added.stream()
                .map(message -> new BufferedMessage(message, List.of()))
                .toList();
        BufferedRound round = new BufferedRound(lastJournalSeq + 1, messages, null);
        SessionBuffers.Foreseen after = buffers.foresee(round);
        return new Foreseen(
                after.transferredSeq() > transferredSeq(),
                after.status(),
                layers.watermarks(round.lastSeq(), after.transferredSeq()));
    }

    /** The buffered message with this id, or null. */
    @Nullable
    Message buffered(String messageId) {
        return buffers.find(messageId);
    }

    /** What readers of M0 have to put over what they read: all that is journaled and not acknowledged by the store. */
    PendingChanges changesOverStore() {
        return (sealed == null ? new PendingChanges() : sealed.changes()).then(pending);
    }

    /** Whether rounds wait in the buffers; otherwise each goes straight to the layers. */
    boolean isBuffered() {
        return isBuffered;
    }

    BufferStatus bufferStatus() {
        return buffers.status();
    }

    Watermarks watermarks() {
        return layers.watermarks(lastSeq, transferredSeq());
    }

    /** Messages of the session, stored and buffered, each once. */
    long totalMessages() {
        return layers.storedCount() - deletedInStore() + buffers.messageCount();
    }

    private long deletedInStore() {
        return isUnchanged()
                ? 0
                : changesOverStore().deleted().stream()
                        .filter(seq -> seq <= layers.flushedSeq())
                        .count();
    }

    String sessionId() {
        return sessionId;
    }

    long lastSeq() {
        return lastSeq;
    }

    long lastJournalSeq() {
        return lastJournalSeq;
    }

    /** New and changed messages that the store has not acknowledged, or the events, where these are more. */
    long unflushed() {
        long changes = isUnchanged() ? 0 : changesInMemory().count();
        return Math.max(buffers.messageCount() + changes, lastJournalSeq - layers.flushedJournalSeq());
    }

    /** Bytes of the new and changed messages that the store has not acknowledged. */
    long unflushedBytes() {
        long changes = isUnchanged()
                ? 0
                : changesInMemory()
                        .mapToLong(change -> change.message().sizeBytes())
                        .sum();
        return buffers.sizeBytes() + changes;
    }

    /** Whether half of what may be unflushed is. */
    boolean isCrowded() {
        return unflushed() * 2 >= highWaterMessages || unflushedBytes() * 2 >= highWaterBytes;
    }

    /** Whether no message of M0 is changed by anything that the store has not acknowledged. */
    private boolean isUnchanged() {
        return pending.isEmpty() && (sealed == null || sealed.changes().isEmpty());
    }

    private Stream<BufferedMessage> changesInMemory() {
        return Stream.concat(
                pending.updated().stream(), sealed == null ? Stream.empty() : sealed.changes().updated().stream());
    }

    private long transferredSeq() {
        return buffers.transferredSeq(lastSeq);
    }

    private static long lastJournalSeqOf(List<BufferedRound> rounds) {
        return rounds.isEmpty() ? 0 : rounds.get(rounds.size() - 1).journalSeq();
    }

    private BufferedMessage buffer(Message message) {
        return new BufferedMessage(message, splitter.split(sessionId, message));
    }
}
