package memfuse.actors.user;

import java.util.Comparator;
import memfuse.actors.retrieval.IndexedUnit;
import memfuse.actors.retrieval.MemoryIndex;
import memfuse.actors.retrieval.UnitSource;
import memfuse.protocol.memory.RoundId;
import memfuse.protocol.user.Chunk;
import memfuse.protocol.user.ChunkRequest;
import memfuse.protocol.user.ChunkRequest.SortBy;
import memfuse.protocol.user.UserProtocol.ChunksListed;
import memfuse.protocol.user.UserProtocol.ListChunks;
import memfuse.protocol.user.UserProtocol.Reply;
import org.jspecify.annotations.Nullable;

/**
 * Lists the units that a user's messages are searched by, from the index: so each is there once, from the answer to its
 * append on. Owned by the user's actor.
 */
final class UserChunks {
    private static final Comparator<IndexedUnit> BY_ID = Comparator.comparing(
                    (IndexedUnit unit) -> unit.key().sessionId())
            .thenComparingLong(unit -> unit.key().seq())
            .thenComparingInt(unit -> unit.key().chunkNo());
    private static final Comparator<IndexedUnit> BY_TIME =
            Comparator.comparing(IndexedUnit::createdAt).thenComparing(BY_ID);

    private final UserQueries queries;
    private final UserSessions sessions;

    UserChunks(UserQueries queries, UserSessions sessions) {
        this.queries = queries;
        this.sessions = sessions;
    }

    void list(ListChunks list) {
        String sessionId = list.page().sessionId();
        if (sessionId != null && sessions.find(sessionId) == null) {
            list.replyTo().tell(Refusals.sessionNotFound(sessionId));
        } else {
            queries.withIndex(() -> list.replyTo().tell(listed(list.page())), list.replyTo()::tell);
        }
    }

    private Reply listed(ChunkRequest request) {
        RoundId round = request.round();
        Comparator<IndexedUnit> ascending = request.sortBy() == SortBy.ID ? BY_ID : BY_TIME;
        MemoryIndex index = queries.index().index();
        MemoryIndex.Page page = index.page(
                sessionId -> isListed(sessionId, request.sessionId()),
                unit -> unit.source() == UnitSource.MESSAGE && (round == null || round.equals(roundOf(unit))),
                request.descending() ? ascending.reversed() : ascending,
                request.limit());
        return round != null && page.total() == 0
                ? Refusals.roundNotFound(round)
                : new ChunksListed(
                        page.units().stream().map(unit -> chunk(unit, index)).toList(), page.total());
    }

    private boolean isListed(String sessionId, @Nullable String onlySessionId) {
        return (onlySessionId == null || onlySessionId.equals(sessionId)) && sessions.find(sessionId) != null;
    }

    /** Of a message whose round is not known, the message is one. */
    private static RoundId roundOf(IndexedUnit unit) {
        return new RoundId(
                unit.key().sessionId(), unit.roundSeq() == 0 ? unit.key().seq() : unit.roundSeq());
    }

    private Chunk chunk(IndexedUnit unit, MemoryIndex index) {
        SessionSlot slot = sessions.find(unit.key().sessionId());
        if (slot == null) {
            throw new IllegalStateException("a chunk of no session: " + unit.key());
        }
        return new Chunk(
                unit.key(),
                roundOf(unit),
                slot.session,
                unit.messageId(),
                unit.role(),
                unit.name(),
                unit.text(),
                unit.tokens(),
                UserSearch.layer(unit.key().seq(), slot.watermarks),
                index.hasVector(unit.key()),
                unit.createdAt(),
                unit.updatedAt());
    }
}
