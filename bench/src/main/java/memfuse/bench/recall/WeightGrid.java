package memfuse.bench.recall;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import memfuse.actors.retrieval.FusionWeights;

/**
 * Weights around the defaults: those of words (all three together), length, session, question and speaker, each at half,
 * once and one and a half times its default. The weights of meaning stay, since only proportions matter; 243 in all.
 */
final class WeightGrid {
    private static final double[] FACTORS = {0.5, 1, 1.5};

    private WeightGrid() {}

    /** @param factors which of its default each weight is, as a text */
    record Choice(String factors, FusionWeights weights) {}

    static List<Choice> all() {
        List<Choice> choices = new ArrayList<>();
        for (double words : FACTORS) {
            for (double length : FACTORS) {
                for (double session : FACTORS) {
                    for (double question : FACTORS) {
                        for (double speaker : FACTORS) {
                            choices.add(choice(words, length, session, question, speaker));
                        }
                    }
                }
            }
        }
        return choices;
    }

    private static Choice choice(double words, double length, double session, double question, double speaker) {
        FusionWeights of = FusionWeights.DEFAULTS;
        String factors = String.format(
                Locale.ROOT,
                "words × %s, length × %s, session × %s, question × %s, speaker × %s",
                words,
                length,
                session,
                question,
                speaker);
        return new Choice(
                factors,
                new FusionWeights(
                        of.dense(),
                        of.densePrevious(),
                        of.denseNext(),
                        words * of.bm25Own(),
                        words * of.bm25Previous(),
                        words * of.bm25Both(),
                        length * of.logLength(),
                        session * of.session(),
                        question * of.question(),
                        speaker * of.speaker(),
                        of.coverage()));
    }
}
