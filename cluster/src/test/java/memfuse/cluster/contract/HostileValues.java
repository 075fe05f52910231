package memfuse.cluster.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;

/** Values that a server should not stumble over, wherever they stand. */
final class HostileValues {
    private static final int MEBIBYTE = 1 << 20;

    private HostileValues() {}

    /**
     * Bytes that stand where a JSON value should be; not all of them are one.
     *
     * @param what tells them apart
     */
    record Value(String what, byte[] bytes) {}

    /** What stands where a value of JSON should be. */
    static List<Value> json() {
        List<Value> values = new ArrayList<>();
        for (String text : List.of(
                "null",
                "true",
                "false",
                "0",
                "-1",
                "1",
                "1.5",
                "\"x\"",
                "\"\"",
                "\" \"",
                "[]",
                "{}",
                "[[]]",
                "[null]",
                "[{}]",
                "{\"a\":null}",
                "{\"a\":1,\"a\":[]}",
                "[1,\"a\",{}]",
                "\"true\"",
                "\"7\"",
                "\" 7 \"",
                "2147483647",
                "2147483648",
                "-2147483649",
                "9223372036854775808",
                "99999999999999999999",
                "-0",
                "0.1e1",
                "1e5",
                "1e999",
                "-1e999",
                "1e-999",
                "1e1000000000",
                "1e-1000000000",
                "1e99999999999",
                "NaN",
                "Infinity",
                "-Infinity",
                "+1",
                ".5",
                "1.",
                "01",
                "0x10",
                "nul",
                "'x'",
                "undefined",
                "",
                ",",
                "//",
                "/**/1")) {
            values.add(new Value(text, text.getBytes(UTF_8)));
        }
        for (String text : List.of(
                "\\u0000",
                "a\\u0000b",
                "\\ud800",
                "\\udc00x",
                "\\udbff\\ud800",
                "\\ud83d\\ude00",
                "\\u202eabc\u05d0\u05d1",
                "\ud83d\udc69\u200d\ud83d\udc69\u200d\ud83d\udc67\u200d\ud83d\udc66",
                "e" + "\u0301".repeat(200),
                "\ufeff",
                "\uffff",
                "\\u0001\\u001f\\u007f\\u0085\\u2028",
                "\u200b\u200b",
                "\ufdfa",
                "'; DROP TABLE users; --",
                "../../etc/passwd",
                "%00%s%n",
                "{user_id}",
                "2026-13-45T99:99:99Z",
                "+1000000000-01-01T00:00:00Z",
                "-0001-01-01T00:00:00Z",
                "2026-01-31",
                "2026-01-31T10:20:30+18:01",
                "\\x",
                "\\u12",
                "a\nb",
                "a\tb",
                "a\u0001b")) {
            values.add(new Value("the text " + text, quoted(text)));
        }
        for (String inside : List.of(
                "1e1000000000", "1e99999999999", "-0.0", "NaN", "\"\\u0000\"", "\"\\ud800\"", "\"\\ud83d\\ude00\"")) {
            String text = "{\"a\":[" + inside + "]}";
            values.add(new Value(text, text.getBytes(UTF_8)));
        }
        for (int length : new int[] {255, 256, 10_001, MEBIBYTE + 1}) {
            values.add(new Value("a text of " + length, quoted("x".repeat(length))));
        }
        values.add(new Value("a text of wide characters", quoted("\ud83d\ude00".repeat(20_000))));
        values.add(new Value("a number of 5000 digits", "9".repeat(5_000).getBytes(UTF_8)));
        values.add(new Value("999 digits", "9".repeat(999).getBytes(UTF_8)));
        for (int depth : new int[] {30, 99, 101, 5_000, 100_000}) {
            values.add(new Value(depth + " lists deep", ("[".repeat(depth) + "]".repeat(depth)).getBytes(UTF_8)));
            values.add(new Value(
                    depth + " objects deep", ("{\"a\":".repeat(depth) + "1" + "}".repeat(depth)).getBytes(UTF_8)));
        }
        values.add(new Value("lists without end", "[".repeat(50_000).getBytes(UTF_8)));
        values.add(new Value("1001 texts", ("[" + "\"x\",".repeat(1_000) + "\"x\"]").getBytes(UTF_8)));
        values.add(new Value("20000 numbers", ("[" + "0,".repeat(19_999) + "0]").getBytes(UTF_8)));
        values.add(new Value("a long key", ("{\"" + "k".repeat(20_000) + "\":1}").getBytes(UTF_8)));
        values.add(new Value("a null key", "{\"\\u0000\":\"\\u0000\"}".getBytes(UTF_8)));
        values.add(new Value("half a key", "{\"\\ud800\":1}".getBytes(UTF_8)));
        for (String bytes :
                List.of("\u00ff", "\u00c0\u0080", "\u00ed\u00a0\u0080", "\u00f4\u0090\u0080\u0080", "\u00e2\u0082")) {
            values.add(new Value("bytes that are no UTF-8", ("\"a" + bytes + "b\"").getBytes(ISO_8859_1)));
        }
        values.add(new Value("a text that does not end", "\"abc".getBytes(UTF_8)));
        return values;
    }

    private static byte[] quoted(String text) {
        return ("\"" + text + "\"").getBytes(UTF_8);
    }

    /** What stands where a value in a query string should be, one byte for each character. */
    static List<String> query() {
        return List.of(
                "",
                "0",
                "-1",
                "1",
                "101",
                "1.5",
                "1e2",
                "abc",
                "null",
                "true",
                "TRUE",
                "[]",
                "{}",
                "+",
                "%20",
                "%",
                "%zz",
                "%0",
                "%00",
                "a%00b",
                "%ff",
                "%C0%80",
                "%ED%A0%80",
                "%F0%9F%98%80",
                "%E2%80%AE",
                "%D9%A1",
                "99999999999999999999",
                "2147483648",
                "-2147483649",
                "NaN",
                "1e999",
                "'%20OR%201=1--",
                "%0d%0aX:%20y",
                "%25%32%35",
                "../..",
                "a=b=c",
                "?",
                "#",
                "\u00e9\u00ff",
                "x".repeat(3_000),
                "x".repeat(20_000),
                "%F0%9F%98%80".repeat(300),
                "1&limit=abc&limit=",
                "x&&&=&=x&",
                "a;b",
                "m0,m1",
                "asc%00");
    }

    /** What stands where an id in a path should be, one byte for each character. */
    static List<String> ids() {
        return List.of(
                "",
                ".",
                "..",
                "%2e",
                "%2e%2e",
                "%2F",
                "a%2Fb",
                "%2F%2F",
                "a//b",
                "a/b",
                "a/b/c/d/e",
                "%5C",
                "\\",
                "%00",
                "a%00b",
                "%ff",
                "%C0%AF",
                "%C0%80",
                "%ED%A0%80",
                "%F0%9F%98%80",
                "%E2%80%AE",
                "e" + "%CC%81".repeat(300),
                "%20",
                "+",
                "%",
                "%z",
                "%zz",
                "%u0041",
                ";",
                "a;b=c",
                "@",
                ":",
                "'",
                "%22",
                "<x>",
                "|",
                "^",
                "`",
                "{id}",
                "*",
                "null",
                "undefined",
                "-1",
                "0",
                "99999999999999999999",
                "x".repeat(255),
                "x".repeat(256),
                "x".repeat(5_000),
                "x".repeat(20_000),
                "%0d%0aX:%20y",
                "\u00e9\u00ff",
                "?",
                "#",
                "messages",
                "%6d%65%73");
    }

    /** What stands where the value of a header should be, one byte for each character. */
    static List<String> headers() {
        return List.of(
                "",
                " ",
                "0",
                "-1",
                "null",
                "0-0",
                "1-",
                "-",
                "99999999999999999999-1",
                "1-99999999999999999999",
                "a,b",
                "\"x\"",
                "\u00e9\u00ff",
                "\u0001",
                "\t",
                "x\u0000y",
                "x".repeat(255),
                "x".repeat(256),
                "x".repeat(5_000),
                "x".repeat(20_000),
                "%00",
                "\u00f0\u009f\u0098\u0080",
                "NaN",
                "*",
                "; DROP TABLE users");
    }
}
