package memfuse.protocol.user;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import memfuse.protocol.CborSerializable;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.directory.Session;
import memfuse.protocol.knowledge.KnowledgeItem;
import memfuse.protocol.knowledge.NewKnowledge;
import memfuse.protocol.memory.Message;
import memfuse.protocol.session.SessionEvent;
import memfuse.protocol.session.SessionProtocol;
import memfuse.protocol.session.SessionProtocol.BufferStatus;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/** The protocol of a user's actor: the one place through which a user's sessions are changed, read and searched. */
public final class UserProtocol {
    private UserProtocol() {}

    /** What a user's actor receives. */
    public sealed interface Command permits Request, Internal {}

    /** What can be asked from any node. */
    public sealed interface Request extends Command, CborSerializable {
        ActorRef<Reply> replyTo();
    }

    /** Messages of the implementation to itself, never over the wire. */
    public non-sealed interface Internal extends Command {}

    /** Something for one of the user's sessions. */
    public record ToSession(String sessionId, SessionProtocol.Request request, ActorRef<Reply> replyTo)
            implements Request {}

    /** Stores a new session. Answered by {@link SessionStored}. */
    public record CreateSession(Session session, ActorRef<Reply> replyTo) implements Request {}

    /** Renames a session. Answered by {@link SessionStored}. */
    public record RenameSession(String sessionId, String name, Instant updatedAt, ActorRef<Reply> replyTo)
            implements Request {}

    /** Erases a session everywhere. Answered by {@link Erased}. */
    public record EraseSession(String sessionId, ActorRef<Reply> replyTo) implements Request {}

    /** Erases the user everywhere. Answered by {@link Erased}. */
    public record EraseUser(ActorRef<Reply> replyTo) implements Request {}

    /** Searches. Answered by {@link Hits}. */
    public record Query(QueryRequest query, ActorRef<Reply> replyTo) implements Request {}

    /** Something about the user's knowledge. */
    public sealed interface KnowledgeRequest extends Request {}

    /** Adds items, all or none. Answered by {@link KnowledgeChanged} once they are stored. */
    public record AddKnowledge(List<NewKnowledge> items, Instant addedAt, ActorRef<Reply> replyTo)
            implements KnowledgeRequest {
        public AddKnowledge {
            items = List.copyOf(items);
        }
    }

    /**
     * Gives items new contents, all or none; those that are not there are passed over, and of one that is named twice the
     * last counts. Answered by {@link KnowledgeChanged} once they are stored.
     */
    public record UpdateKnowledge(List<NewKnowledge> items, Instant updatedAt, ActorRef<Reply> replyTo)
            implements KnowledgeRequest {
        public UpdateKnowledge {
            items = List.copyOf(items);
        }
    }

    /** Removes items; those that are not there are passed over. Answered by {@link KnowledgeChanged}. */
    public record DeleteKnowledge(List<String> ids, ActorRef<Reply> replyTo) implements KnowledgeRequest {
        public DeleteKnowledge {
            ids = List.copyOf(ids);
        }
    }

    /**
     * Reads all items in the order of their addition. Answered by {@link KnowledgeRead}, or by {@link AnswerTooLarge}.
     *
     * @param maxBytes how large the answer may be; 0: as large as it is
     */
    public record ListKnowledge(long maxBytes, ActorRef<Reply> replyTo) implements KnowledgeRequest {}

    /**
     * Reads those of the items that are there, each once, in the order asked. Answered by {@link KnowledgeRead}, or by
     * {@link AnswerTooLarge}.
     *
     * @param maxBytes how large the answer may be; 0: as large as it is
     */
    public record ReadKnowledge(List<String> ids, long maxBytes, ActorRef<Reply> replyTo) implements KnowledgeRequest {
        public ReadKnowledge {
            ids = List.copyOf(ids);
        }
    }

    /** Lists units of retrieval of the user's messages, buffered ones as well. Answered by {@link ChunksListed}. */
    public record ListChunks(ChunkRequest page, ActorRef<Reply> replyTo) implements Request {}

    /** Flushes every session of the user that is awake. Answered by {@link FlushCompleted}. */
    public record FlushUser(ActorRef<Reply> replyTo) implements Request {}

    /**
     * Reads what became of a session's messages after an event, and waits for it where there is nothing yet. Answered by
     * {@link EventsRead}.
     *
     * @param afterId the last event the caller has seen; null: from now on
     * @param maxWait how long to wait for the next event
     */
    public record ReadEvents(String sessionId, @Nullable String afterId, Duration maxWait, ActorRef<Reply> replyTo)
            implements Request {}

    /**
     * Reads which stored messages were changed or removed while the layers do not have that yet. Answered by {@link
     * UnflushedChanges}.
     */
    public record ReadUnflushedChanges(ActorRef<Reply> replyTo) implements Request {}

    /** Wakes the user, whose dirty sessions then flush by themselves. Answered by {@link Awake}. */
    public record Wake(ActorRef<Reply> replyTo) implements Request {}

    /**
     * Sessions and memories of the user were stored by somebody else: they are taken up from the store. Answered by
     * {@link Reloaded}, after which they are found.
     */
    public record Reload(ActorRef<Reply> replyTo) implements Request {}

    /** Every answer of a user's actor. */
    public sealed interface Reply extends CborSerializable {}

    /**
     * The round is journaled: no crash loses it, and it is found from now on.
     *
     * @param messageIds the ids of all messages of the request, repeated ones included, in its order
     * @param transferTriggered whether this round moved rounds into the hybrid buffer
     * @param totalMessages messages the session has now
     */
    public record Appended(
            List<String> messageIds,
            boolean transferTriggered,
            long totalMessages,
            BufferStatus bufferStatus,
            Watermarks watermarks)
            implements Reply {
        public Appended {
            messageIds = List.copyOf(messageIds);
        }
    }

    /** The messages asked for. */
    public record MessagesRead(List<Message> messages) implements Reply {
        public MessagesRead {
            messages = List.copyOf(messages);
        }
    }

    /** The messages are changed or removed; journaled. */
    public record MessagesChanged(List<String> messageIds) implements Reply {
        public MessagesChanged {
            messageIds = List.copyOf(messageIds);
        }
    }

    /** How far the session's messages have come; exact at the moment of the answer. */
    public record WatermarksRead(Watermarks watermarks) implements Reply {}

    /**
     * The events that were asked for, oldest first; none where the time was over.
     *
     * @param lastId after which to ask on
     */
    public record EventsRead(List<SessionEvent> events, String lastId) implements Reply {
        public EventsRead {
            events = List.copyOf(events);
        }
    }

    /**
     * The items are written, and found from now on as they are now.
     *
     * @param ids those that were there, each once, in the order of the request
     */
    public record KnowledgeChanged(List<String> ids) implements Reply {
        public KnowledgeChanged {
            ids = List.copyOf(ids);
        }
    }

    /** The items asked for. */
    public record KnowledgeRead(List<KnowledgeItem> items) implements Reply {
        public KnowledgeRead {
            items = List.copyOf(items);
        }
    }

    /**
     * A page of units.
     *
     * @param total how many there are in all
     */
    public record ChunksListed(List<Chunk> chunks, long total) implements Reply {
        public ChunksListed {
            chunks = List.copyOf(chunks);
        }
    }

    /** The session is stored. */
    public record SessionStored(Session session) implements Reply {}

    /** What was to be erased is gone. */
    public record Erased(String id) implements Reply {}

    /** Everything that was buffered when the request came is in the layers. */
    public record FlushCompleted(int sessions) implements Reply {}

    /**
     * Messages whose change or removal is journaled and not in the layers.
     *
     * @param seqs their numbers, by session
     */
    public record UnflushedChanges(Map<String, List<Long>> seqs) implements Reply {
        public UnflushedChanges {
            seqs = Map.copyOf(seqs);
        }
    }

    /**
     * What a query found, best first.
     *
     * @param cached whether it came from the query cache
     * @param byMeaning whether the query's embedding took part
     */
    public record Hits(List<Hit> hits, boolean cached, boolean byMeaning) implements Reply {
        public Hits {
            hits = List.copyOf(hits);
        }
    }

    /**
     * What was asked for is there, but larger than the answer may be.
     *
     * @param bytes the answer would have, as {@link Message#answerBytes} counts them
     */
    public record AnswerTooLarge(long bytes) implements Reply {}

    /**
     * Nothing was done.
     *
     * @param field the field of the request that is at fault, or null where none is
     */
    public record Refused(
            ErrorCode code, String text, @Nullable String field) implements Reply {}

    /** What was stored by somebody else is found from now on. */
    public record Reloaded() implements Reply {}

    /** The user's actor is awake. */
    public record Awake() implements Reply {}
}
