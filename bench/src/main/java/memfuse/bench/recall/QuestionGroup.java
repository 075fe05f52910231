package memfuse.bench.recall;

import memfuse.bench.recall.Conversation.Category;

/** Questions that are looked at together. */
enum QuestionGroup {
    ALL("all"),
    WITHOUT_ADVERSARIAL("without adversarial"),
    MULTI_HOP("multi-hop"),
    TEMPORAL("temporal"),
    OPEN_DOMAIN("open domain"),
    SINGLE_HOP("single-hop"),
    ADVERSARIAL("adversarial");

    private final String title;

    QuestionGroup(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    boolean has(Category category) {
        return switch (this) {
            case ALL -> true;
            case WITHOUT_ADVERSARIAL -> category != Category.ADVERSARIAL;
            case MULTI_HOP -> category == Category.MULTI_HOP;
            case TEMPORAL -> category == Category.TEMPORAL;
            case OPEN_DOMAIN -> category == Category.OPEN_DOMAIN;
            case SINGLE_HOP -> category == Category.SINGLE_HOP;
            case ADVERSARIAL -> category == Category.ADVERSARIAL;
        };
    }
}
