package memfuse.cluster.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.Map;

/**
 * How large a message between nodes may be: as the largest request and the largest answer that the settings permit.
 *
 * <p>Everything that is asked of users, and every answer, goes over a connection of its own between two nodes, so that a
 * large one delays none of the messages by which nodes see that they are there.
 */
public final class LargeMessages {
    private static final String ARTERY = "pekko.remote.artery.advanced.";

    /** What each message of a request may take beside what it takes in the request's body, its id twice. */
    private static final long BYTES_BESIDE_MESSAGE = 1 << 10;

    /** What any message takes beside that. */
    private static final long ENVELOPE_BYTES = 64 << 10;

    /** Long texts go in pieces of some thousand bytes, each with three bytes before it. */
    private static final long BYTES_TO_ONE_OF_PIECES = 512;

    private LargeMessages() {}

    /** To be laid over the configuration of an actor system. */
    public static Config config(MemFuseSettings settings) {
        return ConfigFactory.parseMap(
                Map.of(
                        ARTERY + "maximum-large-frame-size",
                        maxBytes(settings.http()),
                        // One connection never has more on its way than both its nodes have in work.
                        ARTERY + "outbound-large-message-queue-size",
                        2 * settings.http().maxInFlight() + 1024),
                "the room for messages between nodes");
    }

    static long maxBytes(MemFuseSettings.Http http) {
        long request = http.maxBodyBytes() + BYTES_BESIDE_MESSAGE * http.maxMessagesPerRequest();
        long most = Math.max(request, http.maxAnswerBytes());
        return most + most / BYTES_TO_ONE_OF_PIECES + ENVELOPE_BYTES;
    }
}
