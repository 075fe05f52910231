package memfuse.actors.user;

import java.util.ArrayList;
import java.util.List;
import memfuse.protocol.user.UserProtocol.EraseSession;
import memfuse.protocol.user.UserProtocol.Erased;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Request;

/**
 * An erasure that is going on, and everybody who asked for it: they all hear how it ends, so that nobody is told that
 * something is gone before it is. Owned by the user's actor.
 */
final class ErasureUnderWay {
    private final String userId;
    private final int most;
    private final List<Request> asked = new ArrayList<>();

    /** @param most who may wait for it; one more is refused */
    ErasureUnderWay(String userId, int most) {
        this.userId = userId;
        this.most = most;
    }

    /** The request is answered when this ends. */
    void join(Request request) {
        if (asked.size() >= most) {
            request.replyTo().tell(Refusals.overloaded("userMaxInFlight=" + most));
        } else {
            asked.add(request);
        }
    }

    /** It is done, and with it all that was asked for. */
    void succeed() {
        asked.forEach(request ->
                request.replyTo().tell(new Erased(request instanceof EraseSession erase ? erase.sessionId() : userId)));
        asked.clear();
    }

    /** It failed, or nobody knows yet; who asks again from now on waits for what comes next. */
    void refuse(Refused refusal) {
        asked.forEach(request -> request.replyTo().tell(refusal));
        asked.clear();
    }
}
