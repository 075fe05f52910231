package memfuse.cluster.settings;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/settings.md} lists what {@code reference.conf} holds, no more and no less. */
class SettingsDocumentTest {
    private static final Path DOCUMENT = Path.of("../docs/settings.md");

    @Test
    void listsEachKeyWithItsDefaultAndItsEnvironmentName() throws IOException {
        assertThat(documented()).isEqualTo(defined());
    }

    /** By key: default and environment name. */
    private static SortedMap<String, List<String>> defined() {
        Defaults defaults = new Defaults();
        Map<String, String> names = new TreeMap<>();
        defaults.environmentNames().forEach((name, key) -> names.put(key, name));
        SortedMap<String, List<String>> defined = new TreeMap<>();
        Config values = defaults.values();
        values.entrySet().forEach(entry -> {
            String key = entry.getKey();
            defined.put(key, List.of(values.getString(key), names.getOrDefault(key, "")));
        });
        return defined;
    }

    /** The same from the rows of the tables, whose keys stand without {@code memfuse}. */
    private static SortedMap<String, List<String>> documented() throws IOException {
        SortedMap<String, List<String>> documented = new TreeMap<>();
        try (Stream<String> lines = Files.lines(DOCUMENT)) {
            lines.filter(line -> line.startsWith("| `")).forEach(line -> {
                String[] cells = line.replace("`", "").split("\\|", -1);
                documented.put("memfuse." + cells[1].strip(), List.of(cells[2].strip(), cells[3].strip()));
            });
        }
        return documented;
    }
}
