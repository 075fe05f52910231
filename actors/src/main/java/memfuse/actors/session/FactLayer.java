package memfuse.actors.session;

import java.util.List;
import java.util.OptionalLong;
import memfuse.protocol.facts.Fact;

/** M2 as sessions and their user see it. */
public interface FactLayer {
    /** A layer that no message waits for: facts are not extracted. */
    FactLayer NONE = new FactLayer() {
        @Override
        public OptionalLong firstWaiting(String sessionId) {
            return OptionalLong.empty();
        }

        @Override
        public void messagesFlushed() {}

        @Override
        public List<Fact> current(String userId) {
            return List.of();
        }
    };

    /** The number of the session's first flushed message that waits for its facts; empty where none does. Blocking. */
    OptionalLong firstWaiting(String sessionId);

    /** A session has flushed messages that wait for their facts. */
    void messagesFlushed();

    /** The user's facts that hold now, those said last first, and of very many those alone. Blocking. */
    List<Fact> current(String userId);
}
