package memfuse.bench.recall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import memfuse.bench.recall.Conversation.Category;
import memfuse.bench.recall.Conversation.Question;
import memfuse.bench.recall.Conversation.Turn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConversationFileTest {
    @TempDir
    private Path directory;

    @Test
    void readsTurnsWithTheirTimesAndCaptions() throws IOException {
        List<Conversation> conversations = ConversationFile.read(Samples.file());
        assertThat(conversations).extracting(Conversation::id).containsExactly("garden", "harbour");
        List<Turn> turns = conversations.get(0).turns();
        assertThat(turns)
                .extracting(Turn::id)
                .containsExactly("D1:1", "D1:2", "D1:3", "D1:4", "D2:1", "D2:2", "D2:3", "D4:1", "D4:2");
        assertThat(turns.get(2).text()).endsWith("with a flat tyre. a red wheelbarrow against a brick wall");
        assertThat(turns.get(5))
                .isEqualTo(new Turn(
                        "D2:2",
                        2,
                        2,
                        "Ilse",
                        "Parsnips are slow. I started learning the accordion meanwhile!",
                        Instant.parse("2024-03-17T12:30:02Z")));
    }

    @Test
    void splitsEvidenceAndLeavesOutQuestionsWithoutAny() throws IOException {
        Conversation garden = ConversationFile.read(Samples.file()).get(0);
        assertThat(garden.questions())
                .extracting(Question::category)
                .containsExactly(
                        Category.MULTI_HOP,
                        Category.TEMPORAL,
                        Category.SINGLE_HOP,
                        Category.SINGLE_HOP,
                        Category.ADVERSARIAL);
        assertThat(garden.questions().get(0).evidence()).containsExactly("D1:2", "D2:1");
        assertThat(garden.unknownEvidence()).isEqualTo(1);
    }

    @Test
    void saysWhatIsAmiss() throws IOException {
        assertThatThrownBy(() -> ConversationFile.read(directory.resolve("none.json")))
                .isInstanceOf(IOException.class)
                .hasMessage("there is no file " + directory.resolve("none.json"));
        assertThat(complaint("[{")).contains("is not JSON in line 1");
        assertThat(complaint("")).contains("should be a list of conversations");
        assertThat(complaint("{}")).contains("should be a list of conversations");
        assertThat(complaint("[{\"sample_id\": \"x\"}]"))
                .contains("conversation 1 (x): conversation should have lists of turns");
    }

    @Test
    void saysWhereItIsAmiss() throws IOException {
        String good = Files.readString(Samples.file());
        assertThat(complaint(good.replace("9:05 am on", "9:05 on")))
                .contains("conversation 1 (garden): session_1_date_time should read like", "9:05 on 3 March, 2024");
        assertThat(complaint(good.replace("\"D1:2\"", "\"D1:1\"")))
                .contains("conversation 1 (garden): two turns have the dia_id D1:1");
        assertThat(complaint(good.replace("\"speaker\": \"Noor\", \"dia_id\": \"D1:3\"", "\"dia_id\": \"D1:3\"")))
                .contains("conversation 2 (harbour): turn 3 of session_1 has no speaker");
        assertThat(complaint(good.replace("\"category\": 2", "\"category\": 7")))
                .contains("conversation 1 (garden): question 2: category should be a number from 1 to 5, not 7");
        assertThat(complaint(good.replace("\"evidence\"", "\"proof\"")))
                .contains("no question that names its evidence");
    }

    private String complaint(String content) throws IOException {
        Path file = Files.writeString(directory.resolve("file.json"), content);
        try {
            ConversationFile.read(file);
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
        return "none";
    }
}
