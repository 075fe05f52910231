package memfuse.actors.session;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.NewMessage;
import memfuse.protocol.memory.Role;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.session.SessionProtocol;
import memfuse.protocol.session.SessionProtocol.AppendRound;
import memfuse.protocol.session.SessionProtocol.RoundAppended;
import memfuse.protocol.store.UnitVector;

/** Messages, rounds and memories for tests: session {@code s} of user {@code u}, ten tokens a message. */
final class Samples {
    static final String USER = "u";
    static final String SESSION = "s";
    static final String PERSISTENCE_ID = SessionProtocol.persistenceId(SESSION);
    static final Instant NOW = Instant.parse("2026-01-02T03:04:05.123456Z");

    /** Splits a message at each bar. */
    static final UnitSplitter SPLITTER = Samples::split;

    private Samples() {}

    static SessionMemory memory(SettingsDraft settings) {
        return new SessionMemory(USER, SESSION, PERSISTENCE_ID, settings.build(), SPLITTER);
    }

    private static List<MemoryUnit> split(String sessionId, Message message) {
        String[] pieces = message.content().split("\\|", -1);
        List<MemoryUnit> units = new ArrayList<>(pieces.length);
        for (int i = 0; i < pieces.length; i++) {
            units.add(new MemoryUnit(new UnitKey(sessionId, message.seq(), i), message, pieces[i], 1, null));
        }
        return units;
    }

    static NewMessage says(String id, String content) {
        return says(id, content, 10);
    }

    static NewMessage says(String id, String content, int tokens) {
        return new NewMessage(id, true, Role.USER, null, content, null, null, tokens);
    }

    /** A round of messages with these ids, each saying {@code content of <id>}. */
    static AppendRound round(String... ids) {
        return new AppendRound(
                Arrays.stream(ids).map(id -> says(id, "content of " + id)).toList(), NOW);
    }

    static AppendRound round(NewMessage... messages) {
        return new AppendRound(List.of(messages), NOW);
    }

    static Message message(long seq) {
        return message(seq, "content of m" + seq, 10);
    }

    static Message message(long seq, String content) {
        return message(seq, content, 10);
    }

    static Message message(long seq, String content, int tokens) {
        return says("m" + seq, content, tokens).at(seq, NOW);
    }

    /** The event of a round of the messages {@code firstSeq} to {@code lastSeq}. */
    static RoundAppended appended(long firstSeq, long lastSeq) {
        List<Message> messages = new ArrayList<>();
        for (long seq = firstSeq; seq <= lastSeq; seq++) {
            messages.add(message(seq));
        }
        return new RoundAppended(messages);
    }

    static RoundAppended appended(Message... messages) {
        return new RoundAppended(List.of(messages));
    }

    /** A round as the buffers hold it, of messages with these tokens, beginning at {@code firstSeq}. */
    static BufferedRound buffered(long journalSeq, long firstSeq, int... tokens) {
        List<BufferedMessage> messages = new ArrayList<>();
        for (int i = 0; i < tokens.length; i++) {
            messages.add(buffered(message(firstSeq + i, "content of m" + (firstSeq + i), tokens[i])));
        }
        return new BufferedRound(journalSeq, messages, null);
    }

    static BufferedMessage buffered(Message message) {
        return new BufferedMessage(message, SPLITTER.split(SESSION, message));
    }

    /** The only embedding of a text. */
    static float[] vectorOf(String text) {
        return new float[] {text.hashCode(), text.length()};
    }

    static UnitVector vector(long seq, int chunkNo, String text) {
        return new UnitVector(USER, new UnitKey(SESSION, seq, chunkNo), text, vectorOf(text));
    }
}
