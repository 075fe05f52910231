package memfuse.cluster.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** What a client is told of a session in a stream of events, read in the background until it is closed. */
final class EventReader implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final InputStream stream;
    private final List<Told> told = new CopyOnWriteArrayList<>();

    private EventReader(InputStream stream) {
        this.stream = stream;
    }

    /** One event. */
    record Told(String id, String type, JsonNode data) {
        List<String> messageIds() {
            return JSON.convertValue(
                    data.path("message_ids"), JSON.getTypeFactory().constructCollectionType(List.class, String.class));
        }
    }

    /**
     * Begins to read; whatever happens after this has returned is told.
     *
     * @param lastEventId the last event that was seen
     */
    static EventReader open(Client client, String sessionId, Optional<String> lastEventId) throws IOException {
        EventReader reader = new EventReader(client.events(sessionId, lastEventId));
        Thread reading = new Thread(reader::read, "events");
        reading.setDaemon(true);
        reading.start();
        return reader;
    }

    private void read() {
        String id = "";
        String type = "";
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream, UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("id: ")) {
                    id = line.substring(4);
                } else if (line.startsWith("event: ")) {
                    type = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    told.add(new Told(id, type, JSON.readTree(line.substring(6))));
                }
            }
        } catch (IOException closed) {
            // The end, as far as a reader can tell.
        }
    }

    /** All that was told once an event of a kind has been told of these messages. */
    List<Told> awaitTold(String type, List<String> messageIds) {
        Await.until(
                type + " is told of " + messageIds,
                LIMIT,
                () -> told.stream()
                        .anyMatch(event ->
                                event.type().equals(type) && event.messageIds().equals(messageIds)));
        return List.copyOf(told);
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
