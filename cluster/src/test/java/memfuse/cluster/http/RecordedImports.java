package memfuse.cluster.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.Session;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.transfer.ImportSink;
import memfuse.protocol.transfer.ImportSource;
import memfuse.protocol.transfer.ImportStore;
import memfuse.protocol.transfer.Imported;
import memfuse.protocol.transfer.ImportedKnowledge;
import org.jspecify.annotations.Nullable;

/** Keeps what imports would store; thread-safe. */
final class RecordedImports implements ImportStore {
    /** What one import handed over. */
    static final class Recorded implements ImportSink {
        final List<Entity> agents = new ArrayList<>();
        final List<Session> sessions = new ArrayList<>();
        final List<Message> messages = new ArrayList<>();
        final List<MemoryUnit> units = new ArrayList<>();
        final List<ImportedKnowledge> knowledge = new ArrayList<>();
        private final Map<String, String> sessionIds = new LinkedHashMap<>();
        private final Map<String, String> agentIds = new LinkedHashMap<>();
        private final Set<String> ids = new HashSet<>();

        @Override
        public void agent(String sourceId, Entity agent) {
            agents.add(agent);
            agentIds.put(sourceId, agent.id());
        }

        @Override
        public void session(String sourceId, Session session) {
            sessions.add(session);
            sessionIds.put(sourceId, session.id());
            ids.clear();
        }

        @Override
        public Optional<String> messages(List<Message> next, List<MemoryUnit> nextUnits) {
            messages.addAll(next);
            units.addAll(nextUnits);
            return next.stream().map(Message::id).filter(id -> !ids.add(id)).findFirst();
        }

        @Override
        public void knowledge(List<ImportedKnowledge> items) {
            knowledge.addAll(items);
        }
    }

    /** Every import that was stored. */
    final List<Recorded> stored = new ArrayList<>();

    /** One for each import that has come to be stored. */
    final Semaphore arrived = new Semaphore(0);

    /** What imports wait for before they are stored, or null. */
    volatile @Nullable CountDownLatch held;

    volatile @Nullable Outcome refusal;
    private final Map<String, Imported> byFile = new HashMap<>();

    @Override
    public synchronized Optional<Imported> imported(String userId, String fingerprint) {
        return Optional.ofNullable(byFile.get(userId + fingerprint));
    }

    @Override
    public Outcome store(Import request, ImportSource source) {
        arrived.release();
        CountDownLatch wait = held;
        if (wait != null) {
            try {
                wait.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        Recorded recorded = new Recorded();
        source.writeTo(recorded);
        Outcome refused = refusal;
        return refused == null ? keep(request, recorded) : refused;
    }

    private synchronized Outcome keep(Import request, Recorded recorded) {
        Imported imported = new Imported(
                request.importedAt(),
                recorded.sessionIds,
                recorded.agentIds,
                Map.of(),
                recorded.messages.size(),
                recorded.knowledge.size());
        stored.add(recorded);
        byFile.put(request.userId() + request.fingerprint(), imported);
        return new Stored(imported);
    }
}
