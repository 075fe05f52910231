package memfuse.cluster.http.transfer;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import memfuse.cluster.http.backend.AsyncDirectory;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.Session;
import memfuse.protocol.knowledge.KnowledgeStore;
import memfuse.protocol.memory.Message;
import org.apache.pekko.NotUsed;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/**
 * One export as a stream: each part is read when the client has taken the one before.
 *
 * <p>It has every message that was acknowledged before it began, and of later ones those that come before their session's
 * last page is read. A session that is erased before its turn is left out. Where a session is erased amid its turn, or the
 * user, the stream fails with {@link BrokenOff}, before its last line.
 */
final class Export {
    private static final long BEGINNING = -1;

    private final Entity user;
    private final List<Session> sessions;
    private final Instant exportedAt;
    private final AsyncDirectory directory;
    private final SessionPages pages;
    private final KnowledgeStore knowledge;
    private final Executor blocking;
    private final ExportLines lines = new ExportLines();

    Export(
            Entity user,
            List<Session> sessions,
            Instant exportedAt,
            AsyncDirectory directory,
            SessionPages pages,
            KnowledgeStore knowledge,
            Executor blocking) {
        this.user = user;
        this.sessions = List.copyOf(sessions);
        this.exportedAt = exportedAt;
        this.directory = directory;
        this.pages = pages;
        this.knowledge = knowledge;
        this.blocking = blocking;
    }

    Source<ByteString, NotUsed> lines() {
        List<Supplier<Source<ByteString, NotUsed>>> parts =
                List.of(this::head, this::agents, this::conversations, this::knowledge, this::end);
        return Source.from(parts).flatMapConcat(Supplier::get);
    }

    private Source<ByteString, NotUsed> head() {
        return Source.single(lines.head(user, exportedAt));
    }

    /** Those that there still are; a session may have outlived its agent. */
    private Source<ByteString, NotUsed> agents() {
        return Source.from(sessions.stream().map(Session::agentId).distinct().toList())
                .mapAsync(1, id -> directory.find(EntityKind.AGENT, id))
                .mapConcat(found -> found.stream().map(lines::agent).toList());
    }

    private Source<ByteString, NotUsed> conversations() {
        return Source.from(sessions).flatMapConcat(this::conversation);
    }

    private Source<ByteString, NotUsed> conversation(Session session) {
        return Source.unfoldAsync(
                BEGINNING,
                last -> pages.after(session.id(), Math.max(0, last))
                        .thenApply(page -> last == BEGINNING ? opening(session, page) : following(session, page)));
    }

    private Optional<Pair<Long, ByteString>> opening(Session session, Optional<List<Message>> page) {
        return page.map(messages -> {
            ByteString opening = lines.session(session).concat(lines.messages(session.id(), messages));
            return Pair.create(messages.isEmpty() ? 0L : lastOf(messages), opening);
        });
    }

    private Optional<Pair<Long, ByteString>> following(Session session, Optional<List<Message>> page) {
        List<Message> messages =
                page.orElseThrow(() -> new BrokenOff("the session was erased: session=" + session.id()));
        return messages.isEmpty()
                ? Optional.empty()
                : Optional.of(Pair.create(lastOf(messages), lines.messages(session.id(), messages)));
    }

    private static long lastOf(List<Message> messages) {
        return messages.get(messages.size() - 1).seq();
    }

    private Source<ByteString, NotUsed> knowledge() {
        return Source.completionStage(CompletableFuture.supplyAsync(() -> knowledge.list(user.id()), blocking))
                .mapConcat(items -> items)
                .map(lines::knowledge);
    }

    private Source<ByteString, NotUsed> end() {
        return Source.completionStage(directory.find(EntityKind.USER, user.id()).thenApply(found -> {
            if (found.isEmpty()) {
                throw new BrokenOff("the user was erased: user=" + user.id());
            }
            return lines.end();
        }));
    }
}
