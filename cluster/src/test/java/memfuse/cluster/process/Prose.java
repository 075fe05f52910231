package memfuse.cluster.process;

import java.util.List;
import java.util.Random;

/** Says things that people could have said, by chance. */
final class Prose {
    private static final List<String> WHO =
            List.of("Ana", "Boris", "Chiara", "Deniz", "Emeka", "Fatou", "Goran", "Hana", "Ivo", "Jun", "Kofi", "Lena");
    private static final List<String> DID = List.of(
            "painted", "lost", "repaired", "borrowed", "sold", "hid", "dreamed of", "photographed", "carried", "broke");
    private static final List<String> WHAT = List.of(
            "the green kettle",
            "a paper lantern",
            "the old accordion",
            "three chess books",
            "the neighbour's ladder",
            "a jar of honey",
            "the train tickets",
            "a wooden canoe",
            "the garden gate",
            "her grandfather's watch",
            "a map of Norway",
            "the blue bicycle");
    private static final List<String> WHERE = List.of(
            "in Lisbon",
            "behind the library",
            "on the ferry",
            "at the harvest fair",
            "near the lighthouse",
            "under the bridge",
            "in the attic",
            "beside the tram stop",
            "at the dentist's",
            "on the volcano");
    private static final List<String> WHEN = List.of(
            "yesterday",
            "on Monday",
            "last winter",
            "before breakfast",
            "during the storm",
            "in 2019",
            "at noon",
            "after the concert");

    private final Random random;

    Prose(Random random) {
        this.random = random;
    }

    /** A statement of some ten words. */
    String sentence() {
        return String.join(" ", pick(WHO), pick(DID), pick(WHAT), pick(WHERE), pick(WHEN)) + ".";
    }

    String question() {
        return switch (random.nextInt(3)) {
            case 0 -> "Who " + pick(DID) + " " + pick(WHAT) + " " + pick(WHERE) + "?";
            case 1 -> "Where was " + pick(WHO) + " when " + pick(WHO) + " " + pick(DID) + " " + pick(WHAT) + "?";
            default -> "Why has " + pick(WHO) + " " + pick(DID) + " " + pick(WHAT) + " " + pick(WHEN) + "?";
        };
    }

    /** Two or three words. */
    String scrap() {
        return pick(WHO) + ", " + pick(WHEN);
    }

    /** So many sentences. */
    String story(int sentences) {
        StringBuilder story = new StringBuilder();
        for (int i = 0; i < sentences; i++) {
            story.append(i == 0 ? "" : " ").append(sentence());
        }
        return story.toString();
    }

    private String pick(List<String> words) {
        return words.get(random.nextInt(words.size()));
    }
}
