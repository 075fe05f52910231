package memfuse.bench.recall;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class RecallPlotTest {
    @Test
    void drawsALineForEachRankingInEachGroupThatHasQuestions() throws Exception {
        Map<String, EvidenceRecall> rankings = new LinkedHashMap<>();
        rankings.put("this & that", Samples.foundAt(1));
        rankings.put("other", Samples.foundAt(30));
        Document document = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(RecallPlot.svg("a < b", rankings))));
        assertThat(document.getDocumentElement().getTextContent())
                .contains("a < b", "this & that", "all, 1 questions", "single-hop, 1 questions")
                .doesNotContain("temporal", "NaN");
        assertThat(document.getElementsByTagName("polyline").getLength()).isEqualTo(3 * 2);
        Element perfect = (Element) document.getElementsByTagName("polyline").item(1);
        assertThat(perfect.getAttribute("points").split(" ")).hasSize(50).allMatch(point -> point.endsWith(",30.0"));
    }
}
