package memfuse.cluster.http.transfer;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToIntFunction;
import memfuse.cluster.http.resource.Ids;
import memfuse.cluster.http.transfer.FileLine.Agent;
import memfuse.cluster.http.transfer.FileLine.End;
import memfuse.cluster.http.transfer.FileLine.Head;
import memfuse.cluster.http.transfer.FileLine.Knowledge;
import memfuse.cluster.http.transfer.FileLine.MessageLine;
import memfuse.cluster.http.transfer.FileLine.SessionLine;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.Session;
import memfuse.protocol.knowledge.SplitKnowledge;
import memfuse.protocol.memory.Message;
import memfuse.protocol.transfer.ImportSink;
import memfuse.protocol.transfer.ImportSource;
import memfuse.protocol.transfer.ImportedKnowledge;
import org.jspecify.annotations.Nullable;

/** A file of an export on its way into the store, read once, line by line; throws {@link InvalidFile}. */
final class ImportedFile implements ImportSource {
    private final FileLines lines;
    private final int maxMessageBytes;
    private final String userId;
    private final Instant importedAt;
    private final TextPieces pieces;
    private final ToIntFunction<String> tokens;

    private final Set<String> agents = new HashSet<>();
    private final Set<String> sessions = new HashSet<>();
    private final Set<String> knowledge = new HashSet<>();
    private long messages;
    private @Nullable SessionMessages current;
    private boolean ended;

    ImportedFile(
            FileLines lines,
            int maxMessageBytes,
            String userId,
            Instant importedAt,
            TextPieces pieces,
            ToIntFunction<String> tokens) {
        this.lines = lines;
        this.maxMessageBytes = maxMessageBytes;
        this.userId = userId;
        this.importedAt = importedAt;
        this.pieces = pieces;
        this.tokens = tokens;
    }

    @Override
    public void writeTo(ImportSink sink) {
        FileLine line = next();
        if (!(line instanceof Head)) {
            throw refusal("type", "the first line should be of the type export");
        }
        for (line = next(); line != null; line = next()) {
            if (ended) {
                throw refusal("type", "nothing should follow the line of the type end");
            }
            read(line, sink);
        }
        if (!ended) {
            throw InvalidFile.at(
                    lines.number() + 1, "type", "the file is cut off: its last line should be of the type end");
        }
    }

    private @Nullable FileLine next() {
        return lines.next(fields -> FileLine.read(fields, maxMessageBytes));
    }

    private InvalidFile refusal(String field, String rule) {
        return InvalidFile.at(Math.max(1, lines.number()), field, rule);
    }

    private void read(FileLine line, ImportSink sink) {
        if (line instanceof MessageLine message) {
            read(message, sink);
            return;
        }
        endSession(sink);
        if (line instanceof Agent agent) {
            read(agent, sink);
        } else if (line instanceof SessionLine session) {
            read(session, sink);
        } else if (line instanceof Knowledge item) {
            read(item, sink);
        } else if (line instanceof End end) {
            check(end);
        } else {
            throw refusal("type", "only the first line should be of the type export");
        }
    }

    private void endSession(ImportSink sink) {
        if (current != null) {
            current.writeTo(sink);
            current = null;
        }
    }

    private void read(Agent agent, ImportSink sink) {
        if (!sessions.isEmpty() || !knowledge.isEmpty()) {
            throw refusal("type", "agents should come before sessions and knowledge");
        }
        if (!agents.add(agent.id())) {
            throw refusal("id", "the file has an agent of this id before");
        }
        sink.agent(agent.id(), new Entity(newId(), agent.name(), agent.description(), importedAt, importedAt));
    }

    private void read(SessionLine line, ImportSink sink) {
        if (!knowledge.isEmpty()) {
            throw refusal("type", "sessions should come before knowledge");
        }
        if (!sessions.add(line.id())) {
            throw refusal("id", "the file has a session of this id before");
        }
        Instant createdAt = Objects.requireNonNullElse(line.createdAt(), importedAt);
        Session session = new Session(
                newId(),
                userId,
                line.agentId(),
                line.name(),
                createdAt,
                Objects.requireNonNullElse(line.updatedAt(), createdAt));
        sink.session(line.id(), session);
        current = new SessionMessages(line.id(), session.id(), pieces);
    }

    private void read(MessageLine line, ImportSink sink) {
        SessionMessages session = current;
        if (session == null || !line.sessionId().equals(session.sourceId())) {
            throw refusal("session_id", "a message should follow its session, or another message of it");
        }
        if (line.seq() <= session.lastSeq()) {
            throw refusal("seq", "seq should grow within a session: before=" + session.lastSeq());
        }
        Instant createdAt = Objects.requireNonNullElse(line.createdAt(), importedAt);
        session.add(
                lines.number(),
                new Message(
                        line.id() == null ? newId() : line.id(),
                        line.seq(),
                        line.role(),
                        line.name(),
                        line.content(),
                        createdAt,
                        Objects.requireNonNullElse(line.updatedAt(), createdAt),
                        line.metadata(),
                        tokens.applyAsInt(line.content())));
        messages++;
        if (session.isFull()) {
            session.writeTo(sink);
        }
    }

    private void read(Knowledge line, ImportSink sink) {
        if (!knowledge.add(line.id())) {
            throw refusal("id", "the file has an item of knowledge of this id before");
        }
        Instant createdAt = Objects.requireNonNullElse(line.createdAt(), importedAt);
        String content = line.content();
        SplitKnowledge item = new SplitKnowledge(
                line.id(), content, content.isBlank() ? List.of() : pieces.of(content, tokens.applyAsInt(content)));
        sink.knowledge(List.of(
                new ImportedKnowledge(item, createdAt, Objects.requireNonNullElse(line.updatedAt(), createdAt))));
    }

    private void check(End end) {
        checkCount("agents", end.agents(), agents.size());
        checkCount("sessions", end.sessions(), sessions.size());
        checkCount("messages", end.messages(), messages);
        checkCount("knowledge", end.knowledge(), knowledge.size());
        ended = true;
    }

    private void checkCount(String field, long told, long counted) {
        if (told != counted) {
            throw refusal(
                    field, "the file is not complete, or was changed: " + field + "=" + told + ", lines=" + counted);
        }
    }

    private String newId() {
        return Ids.next(importedAt.toEpochMilli());
    }
}
