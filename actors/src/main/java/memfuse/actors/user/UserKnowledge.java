package memfuse.actors.user;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import memfuse.protocol.knowledge.KnowledgeItem;
import memfuse.protocol.knowledge.KnowledgeStore;
import memfuse.protocol.knowledge.KnowledgeStore.Done;
import memfuse.protocol.knowledge.KnowledgeStore.TooMuch;
import memfuse.protocol.knowledge.KnowledgeStore.Written;
import memfuse.protocol.knowledge.KnowledgeUnit;
import memfuse.protocol.knowledge.NewKnowledge;
import memfuse.protocol.knowledge.SplitKnowledge;
import memfuse.protocol.store.Bounded;
import memfuse.protocol.store.UnitVector;
import memfuse.protocol.user.UserProtocol.AddKnowledge;
import memfuse.protocol.user.UserProtocol.AnswerTooLarge;
import memfuse.protocol.user.UserProtocol.DeleteKnowledge;
import memfuse.protocol.user.UserProtocol.KnowledgeChanged;
import memfuse.protocol.user.UserProtocol.KnowledgeRead;
import memfuse.protocol.user.UserProtocol.KnowledgeRequest;
import memfuse.protocol.user.UserProtocol.ListKnowledge;
import memfuse.protocol.user.UserProtocol.ReadKnowledge;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.UpdateKnowledge;

/**
 * A user's knowledge: it is written to the store, one request after the other, and the index hears of each before its
 * client does. Where nobody knows whether a write was done, the index is loaded anew. Owned by the user's actor.
 */
final class UserKnowledge {
    private final String userId;
    private final KnowledgeServices services;
    private final KnowledgeStore store;
    private final StoreWork storeWork;
    private final UserQueries queries;
    private final int maxInFlight;

    /** Writes under way: the first one is at the store, the others wait for it. */
    private final Deque<KnowledgeRequest> writes = new ArrayDeque<>();

    /** Reads under way. */
    private int reads;

    /** Embeddings that came while a write was under way: they may be of units that the index hears of after it. */
    private final List<UnitVector> early = new ArrayList<>();

    /** What a write has done, for the index and for the client. */
    private record Outcome(Reply reply, Runnable change) {}

    UserKnowledge(String userId, UserServices services, StoreWork storeWork, UserQueries queries) {
        this.userId = userId;
        this.services = services.knowledge();
        this.store = services.knowledge().store();
        this.storeWork = storeWork;
        this.queries = queries;
        this.maxInFlight = services.settings().maxInFlight();
    }

    /** Takes up a request; it is answered once, now or later. */
    void ask(KnowledgeRequest request) {
        if (writes.size() + reads >= maxInFlight) {
            request.replyTo().tell(Refusals.overloaded("userMaxInFlight=" + maxInFlight));
        } else if (request instanceof ListKnowledge || request instanceof ReadKnowledge) {
            read(request);
        } else {
            writes.add(request);
            if (writes.size() == 1) {
                begin(request);
            }
        }
    }

    /** Refuses the writes that have not begun. */
    void refuseWaiting(Refused refusal) {
        while (writes.size() > 1) {
            writes.removeLast().replyTo().tell(refusal);
        }
    }

    /** The store has these embeddings. */
    void onVectorsStored(List<UnitVector> vectors) {
        if (!writes.isEmpty()) {
            vectors.stream().filter(vector -> vector.key().fromKnowledge()).forEach(early::add);
        }
    }

    private void read(KnowledgeRequest request) {
        reads++;
        storeWork.run(() -> items(request), (reply, failure) -> {
            reads--;
            request.replyTo().tell(reply == null ? Refusals.storeFailed(failure) : reply);
        });
    }

    private Reply items(KnowledgeRequest request) {
        if (request instanceof ListKnowledge list) {
            long maxBytes = bound(list.maxBytes());
            return within(maxBytes, store.list(userId, maxBytes), items -> items);
        }
        ReadKnowledge read = (ReadKnowledge) request;
        long maxBytes = bound(read.maxBytes());
        return within(maxBytes, store.read(userId, read.ids(), maxBytes), items -> {
            Map<String, KnowledgeItem> found = new HashMap<>();
            items.forEach(item -> found.put(item.id(), item));
            return read.ids().stream()
                    .distinct()
                    .map(found::get)
                    .filter(Objects::nonNull)
                    .toList();
        });
    }

    private static long bound(long maxBytes) {
        return maxBytes == 0 ? Long.MAX_VALUE : maxBytes;
    }

    private static Reply within(long maxBytes, Bounded<KnowledgeItem> read, UnaryOperator<List<KnowledgeItem>> shown) {
        return read.bytes() > maxBytes
                ? new AnswerTooLarge(read.bytes())
                : new KnowledgeRead(shown.apply(read.elements()));
    }

    private void begin(KnowledgeRequest write) {
        storeWork.run(() -> carryOut(write), (outcome, failure) -> {
            if (outcome == null) {
                queries.reloadIndex();
                write.replyTo().tell(Refusals.storeFailed(failure));
            } else {
                outcome.change().run();
                queries.takeVectors(early);
                write.replyTo().tell(outcome.reply());
            }
            early.clear();
            writes.remove();
            KnowledgeRequest next = writes.peek();
            if (next != null) {
                begin(next);
            }
        });
    }

    /** Off the actor's thread. */
    private Outcome carryOut(KnowledgeRequest write) {
        if (write instanceof AddKnowledge add) {
            Map<String, SplitKnowledge> items = split(add.items());
            return outcome(
                    store.add(userId, List.copyOf(items.values()), add.addedAt(), services.bounds()), items, done -> {
                        List<KnowledgeUnit> units = units(done, items);
                        return () -> queries.index().addKnowledge(units);
                    });
        }
        if (write instanceof UpdateKnowledge update) {
            Map<String, SplitKnowledge> items = split(update.items());
            return outcome(
                    store.update(userId, List.copyOf(items.values()), update.updatedAt(), services.bounds()),
                    items,
                    done -> {
                        List<KnowledgeUnit> units = units(done, items);
                        return () -> queries.index().replaceKnowledge(userId, numbers(done), units);
                    });
        }
        if (write instanceof DeleteKnowledge delete) {
            Map<String, Long> removed = store.delete(userId, delete.ids());
            return new Outcome(
                    changed(delete.ids(), removed.keySet()),
                    () -> queries.index().replaceKnowledge(userId, removed.values(), List.of()));
        }
        throw new IllegalArgumentException("not a write of knowledge: " + write);
    }

    /** By id, in the order of the request; of one that is named twice the last. */
    private Map<String, SplitKnowledge> split(List<NewKnowledge> items) {
        return items.stream()
                .collect(Collectors.toMap(
                        NewKnowledge::id, services.splitter()::split, (first, last) -> last, LinkedHashMap::new));
    }

    private Outcome outcome(Written written, Map<String, SplitKnowledge> items, Function<Done, Runnable> change) {
        if (written instanceof Done done) {
            Set<String> ids = done.items().stream().map(KnowledgeItem::id).collect(Collectors.toSet());
            services.onPending().run();
            return new Outcome(changed(items.keySet(), ids), change.apply(done));
        }
        Refused refusal = written instanceof TooMuch much
                ? Refusals.tooMuchKnowledge(services.bounds(), much)
                : Refusals.userNotFound(userId);
        return new Outcome(refusal, () -> {});
    }

    private static KnowledgeChanged changed(Collection<String> asked, Set<String> done) {
        return new KnowledgeChanged(
                new LinkedHashSet<>(asked).stream().filter(done::contains).toList());
    }

    /** The units of what was written; an item that was there with another content keeps that. */
    private List<KnowledgeUnit> units(Done done, Map<String, SplitKnowledge> items) {
        List<KnowledgeUnit> units = new ArrayList<>();
        for (KnowledgeItem stored : done.items()) {
            SplitKnowledge item = items.get(stored.id());
            if (item != null && item.content().equals(stored.content())) {
                units.addAll(item.unitsOf(userId, stored));
            }
        }
        return units;
    }

    private static List<Long> numbers(Done done) {
        return done.items().stream().map(KnowledgeItem::number).toList();
    }
}
