package memfuse.cluster.k8s;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** As much of Prometheus' language as it takes to find the names of metrics in an expression. */
final class PromQl {
    private static final Pattern NOT_NAMES =
            Pattern.compile("\\{[^}]*}|\\[[^]]*]|\"[^\"]*\"|\\b(by|on|without|ignoring)\\s*\\([^)]*\\)");
    private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*(?!\\s*\\(|[a-zA-Z0-9_:])");
    private static final Set<String> WORDS = Set.of("and", "or", "unless", "bool", "by", "on");

    private PromQl() {}

    /** The metrics; names before a parenthesis are functions. */
    static Set<String> metrics(String expression) {
        Matcher names = NAME.matcher(NOT_NAMES.matcher(expression).replaceAll(" "));
        Set<String> metrics = new TreeSet<>();
        while (names.find()) {
            if (!WORDS.contains(names.group())) {
                metrics.add(names.group());
            }
        }
        return metrics;
    }
}
