package memfuse.cluster.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.List;

/**
 * A request to be sent byte for byte, also one that no client library would send.
 *
 * @param target as it stands in the first line, one byte for each character
 * @param headers whole lines, one byte for each character
 * @param complete false where less comes than was announced: the client then sends no more, and may get no answer
 */
public record RawRequest(String method, String target, List<String> headers, byte[] body, boolean complete) {
    public RawRequest {
        headers = List.copyOf(headers);
    }

    /** With a body of JSON, or what goes for it. */
    static RawRequest json(String method, String target, byte[] body) {
        return new RawRequest(method, target, List.of("Content-Type: application/json"), body, true);
    }

    /** The same with other headers, beside the length of the body. */
    RawRequest withHeaders(List<String> others) {
        return new RawRequest(method, target, others, body, complete);
    }

    /** Head and body. */
    public byte[] bytes() {
        StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n");
        headers.forEach(header -> head.append(header).append("\r\n"));
        boolean ownLength =
                headers.stream().anyMatch(header -> header.matches("(?i)(content-length|transfer-encoding):.*"));
        if (!ownLength && (body.length > 0 || !method.equals("GET"))) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(head.append("\r\n").toString().getBytes(ISO_8859_1));
        bytes.writeBytes(body);
        return bytes.toByteArray();
    }
}
