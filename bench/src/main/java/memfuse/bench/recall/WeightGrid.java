package memfuse.bench.recall;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import memfuse.actors.retrieval.FusionWeights;

/**
 * Weights around the defaults: those of words (all three together), session, speaker, answer and spread, each at half,
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
            for (double session : FACTORS) {
                for (double speaker : FACTORS) {
                    for (double answer : FACTORS) {
                        for (double spread : FACTORS) {
                            choices.add(choice(words, session, speaker, answer, spread));
                        }
                    }
                }
            }
        }
        return choices;
    }

    private static Choice choice(double words, double session, double speaker, double answer, double spread) {
        FusionWeights of = FusionWeights.DEFAULTS;
        String factors = String.format(
                Locale.ROOT,
                "words × %s, session × %s, speaker × %s, answer × %s, spread × %s",
                words,
                session,
                speaker,
                answer,
                spread);
        return new Choice(
                factors,
                new FusionWeights(
                        of.dense(),
                        of.densePrevious(),
                        of.denseNext(),
                        words * of.bm25Own(),
                        words * of.bm25Previous(),
                        words * of.bm25Both(),
                        of.logLength(),
                        session * of.session(),
                        of.question(),
                        speaker * of.speaker(),
                        of.coverage(),
                        answer * of.answer(),
                        of.fact(),
                        spread * of.spread()));
    }
}
