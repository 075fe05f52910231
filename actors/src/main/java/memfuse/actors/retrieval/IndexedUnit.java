package memfuse.actors.retrieval;

import java.time.Instant;
import memfuse.protocol.knowledge.KnowledgeItem;
import memfuse.protocol.knowledge.KnowledgeUnit;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.Role;
import memfuse.protocol.memory.UnitKey;
import org.jspecify.annotations.Nullable;

/**
 * A unit of retrieval as the index holds it and hands it out: everything but its vector.
 *
 * @param key unique; orders the units of a session
 * @param messageId the message, or item of knowledge, that it is or is a piece of
 * @param role who said it; of knowledge {@link Role#SYSTEM}
 * @param name the speaker, where the caller named one
 * @param text what it is found by
 * @param tokens tokens of the text
 * @param roundSeq the number of the first message of the message's round; 0 where that is not known
 */
public record IndexedUnit(
        UnitKey key,
        UnitSource source,
        String messageId,
        Role role,
        @Nullable String name,
        String text,
        Instant createdAt,
        Instant updatedAt,
        int tokens,
        long roundSeq) {
    /** A unit that is of no round that is known. */
    public IndexedUnit(
            UnitKey key,
            UnitSource source,
            String messageId,
            Role role,
            @Nullable String name,
            String text,
            Instant createdAt,
            Instant updatedAt,
            int tokens) {
        this(key, source, messageId, role, name, text, createdAt, updatedAt, tokens, 0);
    }

    /** A message's unit. */
    public static IndexedUnit of(MemoryUnit unit) {
        Message message = unit.message();
        return new IndexedUnit(
                unit.key(),
                UnitSource.MESSAGE,
                message.id(),
                message.role(),
                message.name(),
                unit.text(),
                message.createdAt(),
                message.updatedAt(),
                unit.tokens(),
                message.roundSeq());
    }

    /** A unit of knowledge. */
    public static IndexedUnit of(KnowledgeUnit unit) {
        KnowledgeItem item = unit.item();
        return new IndexedUnit(
                unit.key(),
                UnitSource.KNOWLEDGE,
                item.id(),
                Role.SYSTEM,
                null,
                unit.text(),
                item.createdAt(),
                item.updatedAt(),
                unit.tokens());
    }

    /** The text that is embedded, see {@link MemoryUnit#embeddedText()}. */
    public String embeddedText() {
        return name == null ? text : name + ": " + text;
    }

    /** This unit with strings that others of its session hold already. */
    IndexedUnit sharing(String sessionId, @Nullable String sharedName) {
        return new IndexedUnit(
                new UnitKey(sessionId, key.seq(), key.chunkNo()),
                source,
                messageId,
                role,
                sharedName,
                text,
                createdAt,
                updatedAt,
                tokens,
                roundSeq);
    }
}
