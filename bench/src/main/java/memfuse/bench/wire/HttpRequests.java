package memfuse.bench.wire;

import java.nio.charset.StandardCharsets;

/** Requests of HTTP/1.1 as bytes, made once and sent often. */
public final class HttpRequests {
    private HttpRequests() {}

    public static byte[] get(String path) {
        return head("GET", path, "").getBytes(StandardCharsets.US_ASCII);
    }

    public static byte[] post(String path, String json) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        String lines = "Content-Type: application/json\r\nContent-Length: " + body.length + "\r\n";
        byte[] head = head("POST", path, lines).getBytes(StandardCharsets.US_ASCII);
        byte[] request = new byte[head.length + body.length];
        System.arraycopy(head, 0, request, 0, head.length);
        System.arraycopy(body, 0, request, head.length, body.length);
        return request;
    }

    private static String head(String method, String path, String lines) {
        return method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + lines + "\r\n";
    }
}
