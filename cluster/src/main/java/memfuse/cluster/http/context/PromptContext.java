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
 * <p>The conversation gets up to half of the budget, newest rounds first and without gaps; memories that are not part of
 * it get what is left, best first, those that do not fit left out; and what is left then goes to older rounds. A round is
 * shown whole or not at all; only the newest one, where the budget is too small for it, is shown by its last messages.
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
        Choice choice = new Choice(history, tokens, maxTokens);
        choice.takeRecent(maxTokens / 2);
        choice.takeMemories(found);
        choice.takeRecent(maxTokens);
        return choice.result();
    }

    private static final class Choice {
        private final ToIntFunction<String> tokens;
        private final int maxTokens;

        /** What of the conversation is not taken yet, newest first, and of each round the newest message first. */
        private final Deque<Deque<ContextItem>> rounds = new ArrayDeque<>();

        private final Deque<ContextItem> recent = new ArrayDeque<>();
        private final List<ContextItem> memories = new ArrayList<>();
        private boolean newestIsWhole;
        private int used;

        Choice(List<ContextItem> history, ToIntFunction<String> tokens, int maxTokens) {
            this.tokens = tokens;
            this.maxTokens = maxTokens;
            for (ContextItem message : history) {
                if (rounds.isEmpty() || !message.isOfTheRoundOf(rounds.getLast().getLast())) {
                    rounds.addLast(new ArrayDeque<>());
                }
                rounds.getLast().addLast(message);
            }
        }

        /** Takes rounds as long as they fit, and of the newest one what fits. */
        void takeRecent(int limit) {
            while (!rounds.isEmpty() && (!newestIsWhole || fits(rounds.getFirst(), limit))) {
                Deque<ContextItem> round = rounds.getFirst();
                while (!round.isEmpty() && take(round.getFirst(), RECENT_TITLE, recent.isEmpty(), limit)) {
                    recent.addFirst(round.removeFirst());
                }
                if (!round.isEmpty()) {
                    return;
                }
                newestIsWhole = true;
                rounds.removeFirst();
            }
        }

        private boolean fits(Deque<ContextItem> round, int limit) {
            return used
                            + round.stream()
                                    .mapToInt(item -> tokens.applyAsInt(item.line()))
                                    .sum()
                    <= limit;
        }

        void takeMemories(List<ContextItem> found) {
            Set<String> ids = shown();
            for (ContextItem memory : found) {
                if (!ids.contains(memory.id()) && take(memory, MEMORIES_TITLE, memories.isEmpty(), maxTokens)) {
                    memories.add(memory);
                    ids.add(memory.id());
                }
            }
        }

        private Set<String> shown() {
            Set<String> ids = new HashSet<>();
            recent.forEach(item -> ids.add(item.id()));
            return ids;
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
        PromptContext result() {
            Set<String> shown = shown();
            memories.removeIf(memory -> shown.contains(memory.id()));
            String text = text();
            int count = tokens.applyAsInt(text);
            while (count > maxTokens) {
                if (memories.isEmpty()) {
                    removeOldest();
                } else {
                    memories.remove(memories.size() - 1);
                }
                text = text();
                count = tokens.applyAsInt(text);
            }
            return new PromptContext(List.copyOf(recent), memories, text, count);
        }

        /** A round or, where that is the only one, a message. */
        private void removeOldest() {
            ContextItem oldest = recent.removeFirst();
            if (!recent.isEmpty() && !recent.getLast().isOfTheRoundOf(oldest)) {
                recent.removeIf(message -> message.isOfTheRoundOf(oldest));
            }
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
