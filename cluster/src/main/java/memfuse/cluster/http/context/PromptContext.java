package memfuse.cluster.http.context;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * What goes into a prompt: the end of the conversation in its order, then the best memories, within a budget of tokens.
 *
 * <p>The conversation gets up to half of the budget, newest messages first and without gaps; memories that are not part of
 * it get what is left, best first, those that do not fit left out; and what is left then goes to older messages.
 *
 * @param recent messages of the conversation, oldest first
 * @param memories best first
 * @param tokens of {@code text}
 */
public record PromptContext(List<ContextItem> recent, List<ContextItem> memories, String text, int tokens) {
    private static final String RECENT_TITLE = "Recent conversation:\n";
    private static final String MEMORIES_TITLE = "Memories:\n";

    public PromptContext {
        recent = List.copyOf(recent);
        memories = List.copyOf(memories);
    }

    /**
     * Chooses.
     *
     * @param history newest first
     * @param found best first
     * @param maxTokens the budget, at least 1
     */
    public static PromptContext within(
            int maxTokens, List<ContextItem> history, List<ContextItem> found, ToIntFunction<String> tokens) {
        Choice choice = new Choice(tokens, maxTokens);
        int taken = choice.takeRecent(history, 0, maxTokens / 2);
        choice.takeMemories(history.subList(0, taken), found);
        choice.takeRecent(history, taken, maxTokens);
        return choice.result(maxTokens);
    }

    private static final class Choice {
        private final ToIntFunction<String> tokens;
        private final Deque<ContextItem> recent = new ArrayDeque<>();
        private final List<ContextItem> memories = new ArrayList<>();
        private final int maxTokens;
        private int used;

        Choice(ToIntFunction<String> tokens, int maxTokens) {
            this.tokens = tokens;
            this.maxTokens = maxTokens;
        }

        /** Takes messages from a place on, as long as they fit; gives the place of the first that was not taken. */
        int takeRecent(List<ContextItem> history, int from, int limit) {
            int next = from;
            while (next < history.size() && take(history.get(next), RECENT_TITLE, recent.isEmpty(), limit)) {
                recent.addFirst(history.get(next++));
            }
            return next;
        }

        void takeMemories(List<ContextItem> shown, List<ContextItem> found) {
            Set<String> ids = new HashSet<>();
            shown.forEach(item -> ids.add(item.id()));
            for (ContextItem memory : found) {
                if (!ids.contains(memory.id()) && take(memory, MEMORIES_TITLE, memories.isEmpty(), maxTokens)) {
                    memories.add(memory);
                    ids.add(memory.id());
                }
            }
        }

        private boolean take(ContextItem item, String title, boolean first, int limit) {
            int cost = tokens.applyAsInt(item.line()) + (first ? tokens.applyAsInt(title) : 0);
            if (used + cost > limit) {
                return false;
            }
            used += cost;
            return true;
        }

        /** The parts were counted one by one; should the whole be more, the least important go. */
        PromptContext result(int maxTokens) {
            Set<String> shown = new HashSet<>();
            recent.forEach(item -> shown.add(item.id()));
            memories.removeIf(memory -> shown.contains(memory.id()));
            String text = text();
            int count = tokens.applyAsInt(text);
            while (count > maxTokens) {
                if (memories.isEmpty()) {
                    recent.removeFirst();
                } else {
                    memories.remove(memories.size() - 1);
                }
                text = text();
                count = tokens.applyAsInt(text);
            }
            return new PromptContext(List.copyOf(recent), memories, text, count);
        }

        private String text() {
            StringBuilder text = new StringBuilder();
            if (!recent.isEmpty()) {
                text.append(RECENT_TITLE);
                recent.forEach(item -> text.append(item.line()));
            }
            if (!memories.isEmpty()) {
                text.append(MEMORIES_TITLE);
                memories.forEach(item -> text.append(item.line()));
            }
            return text.toString();
        }
    }
}
