package memfuse.cluster.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import memfuse.cluster.contract.Contract;
import memfuse.cluster.contract.Operation;
import memfuse.cluster.http.ApiServer.Answer;
import memfuse.cluster.http.docs.DocsPage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The page at {@code /docs} shows the whole document, runs nothing and loads nothing. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DocsPageTest {
    private static final Pattern STYLE = Pattern.compile("<style>(.*?)</style>", Pattern.DOTALL);

    private final ApiServer server = new ApiServer();
    private final Contract contract = OpenApiTest.contractOf(server);
    private final Answer answer = server.get("/docs");

    @AfterAll
    void stop() {
        server.close();
    }

    @Test
    void showsEveryOperation() {
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("content-type")).isEqualTo("text/html; charset=UTF-8");
        String page = answer.body().replace("<wbr>", "").replaceAll("</?var>", "");
        for (Operation operation : contract.operations()) {
            assertThat(page).contains("<code>" + operation.path() + "</code>");
            JsonNode id = operation.described().path("operationId");
            if (!id.isMissingNode()) {
                assertThat(page).contains("<article id=\"" + id.textValue() + "\">", "<a href=\"#" + id.textValue());
            }
        }
    }

    @Test
    void loadsNothing() throws Exception {
        Matcher style = STYLE.matcher(answer.body());
        assertThat(style.find()).isTrue();
        byte[] digest =
                MessageDigest.getInstance("SHA-256").digest(style.group(1).getBytes(StandardCharsets.UTF_8));

        assertThat(answer.header("content-security-policy"))
                .contains(
                        "default-src 'none'",
                        "style-src 'sha256-" + Base64.getEncoder().encodeToString(digest) + "'")
                .doesNotContain("script-src", "unsafe");
        assertThat(answer.body())
                .doesNotContain("<script", "<link", "<img", "src=", "@import", "url(", "style=", "http://", "https://");
    }

    @Test
    void showsTextsAsTexts() {
        ObjectNode document = contract.document().deepCopy();
        String text = "<b>\"1\" & 2</b>";
        document.withObject("/info").put("summary", text);
        ((ObjectNode) document.at("/paths/~1api~1v1~1health/get"))
                .put("description", text)
                .put("summary", text);

        assertThat(DocsPage.of(document).html())
                .contains("&lt;b&gt;&quot;1&quot; &amp; 2&lt;/b&gt;")
                .doesNotContain(text);
    }
}
