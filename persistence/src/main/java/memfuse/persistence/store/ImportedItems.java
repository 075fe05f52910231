package memfuse.persistence.store;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import memfuse.protocol.knowledge.KnowledgeItem;
import memfuse.protocol.knowledge.KnowledgeUnit;
import memfuse.protocol.knowledge.SplitKnowledge;
import memfuse.protocol.transfer.ImportedKnowledge;

/**
 * Knowledge of an import as it is stored.
 *
 * @param newIds the ids of those that could not keep theirs
 */
record ImportedItems(List<KnowledgeItem> items, List<KnowledgeUnit> units, Map<String, String> newIds) {

    static List<String> ids(List<ImportedKnowledge> imported) {
        return imported.stream().map(one -> one.item().id()).toList();
    }

    /**
     * Items behind those that are there.
     *
     * @param lastNumber that of the last item that is there
     * @param taken the items that have one of these ids
     */
    static ImportedItems of(
            String userId, List<ImportedKnowledge> imported, long lastNumber, List<KnowledgeItem> taken) {
        Set<String> takenIds = taken.stream().map(KnowledgeItem::id).collect(Collectors.toSet());
        List<KnowledgeItem> items = new ArrayList<>();
        List<KnowledgeUnit> units = new ArrayList<>();
        Map<String, String> newIds = new LinkedHashMap<>();
        for (ImportedKnowledge one : imported) {
            SplitKnowledge item = one.item();
            String id = item.id();
            if (takenIds.contains(id)) {
                id = UUID.randomUUID().toString();
                newIds.put(item.id(), id);
            }
            long number = lastNumber + items.size() + 1;
            KnowledgeItem stored = new KnowledgeItem(id, number, item.content(), one.createdAt(), one.updatedAt());
            items.add(stored);
            units.addAll(item.unitsOf(userId, stored));
        }
        return new ImportedItems(items, units, newIds);
    }
}
