package memfuse.cluster.contract;

import java.util.Map;
import java.util.function.Function;

/**
 * A request that is not as it should be, and what it was meant for.
 *
 * @param what is wrong with it
 * @param reaches whether it is sure to reach the operation, so that the answer has to be one of the operation's
 * @param request made of the ids that the variables of the path stand for
 */
public record Attack(
        Operation operation, String what, boolean reaches, Function<Map<String, String>, RawRequest> request) {
    @Override
    public String toString() {
        return operation + ": " + what;
    }
}
