package memfuse.cluster.http.resource;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import memfuse.cluster.http.backend.AsyncDirectory;
import memfuse.cluster.http.backend.UserActors;
import memfuse.cluster.http.output.Json;
import memfuse.cluster.http.output.Refusals;
import memfuse.cluster.http.output.StoredObjects;
import memfuse.cluster.http.output.StreamPlaces;
import memfuse.cluster.http.route.Call;
import memfuse.cluster.http.route.Need;
import memfuse.cluster.http.route.RouteTable;
import memfuse.protocol.session.SessionEvent;
import memfuse.protocol.user.UserProtocol.EventsRead;
import memfuse.protocol.user.UserProtocol.ReadEvents;
import org.apache.pekko.NotUsed;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.KillSwitches;
import org.apache.pekko.stream.SharedKillSwitch;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/**
 * {@code GET /sessions/{id}/events}: what becomes of a session's messages, as server-sent events.
 *
 * <p>Each event is asked of the user's actor after the one before, so a slow client holds up nobody, and a client that
 * comes back with {@code Last-Event-ID} is told what it has missed, or that it has missed too much. A stream ends after
 * {@link #LIFETIME}, and the client comes back with a key that is looked at again.
 */
public final class EventResource {
    static final Duration LIFETIME = Duration.ofMinutes(5);
    private static final ByteString OPENING = ByteString.fromString("retry: 1000\n\n");
    private static final ByteString HEARTBEAT = ByteString.fromString(":\n\n");
    private static final List<HttpHeader> HEADERS =
            List.of(RawHeader.create("Cache-Control", "no-cache"), RawHeader.create("X-Accel-Buffering", "no"));

    private final AsyncDirectory directory;
    private final UserActors users;
    private final Duration maxWait;
    private final int maxStreams;
    private final StreamPlaces places;
    private final SharedKillSwitch stop = KillSwitches.shared("event-streams");

    /**
     * @param maxWait how long one question for the next event may be held
     * @param maxStreams at a time; one more is refused
     */
    public EventResource(
            AsyncDirectory directory, UserActors users, Duration maxWait, int maxStreams, InstantSource clock) {
        this.directory = directory;
        this.users = users;
        this.maxWait = maxWait;
        this.maxStreams = maxStreams;
        this.places = new StreamPlaces(maxStreams, clock);
    }

    public void addTo(RouteTable routes) {
        routes.get("/api/v1/sessions/{id}/events", Need.read(Owners.session(directory)), this::events);
    }

    /** Ends all streams; their clients come back, to another node or later. */
    public void stop() {
        stop.shutdown();
    }

    private CompletionStage<HttpResponse> events(Call call) {
        String sessionId = call.id();
        Optional<String> lastEventId = call.request().getHeader("Last-Event-ID").map(HttpHeader::value);
        return directory
                .userOf(sessionId)
                .thenCompose(userId -> userId.isEmpty()
                        ? Requests.done(Refusals.sessionNotFound(sessionId))
                        : open(userId.get(), sessionId, lastEventId));
    }

    /** Asks where to begin, and answers with a stream from there on. */
    private CompletionStage<HttpResponse> open(String userId, String sessionId, Optional<String> lastEventId) {
        StreamPlaces.Place place = places.take().orElse(null);
        if (place == null) {
            return Requests.done(Refusals.tooManyStreams(maxStreams));
        }
        return place.with(users.ask(
                userId,
                replyTo -> new ReadEvents(sessionId, null, maxWait, replyTo),
                EventsRead.class,
                head -> stream(userId, sessionId, lastEventId.orElse(head.lastId()), place)));
    }

    private HttpResponse stream(String userId, String sessionId, String afterId, StreamPlaces.Place place) {
        Source<ByteString, NotUsed> told = Source.unfoldAsync(afterId, id -> next(userId, sessionId, id));
        Source<ByteString, NotUsed> bytes =
                Source.single(OPENING).concat(told).takeWithin(LIFETIME).via(stop.flow());
        return HttpResponse.create()
                .withEntity(HttpEntities.createChunked(
                        MediaTypes.TEXT_EVENT_STREAM.toContentType(), place.hold(bytes, failure -> {})))
                .addHeaders(HEADERS);
    }

    /** The next piece of a stream with where it goes on; nothing where the user's actor tells no more. */
    private CompletionStage<Optional<Pair<String, ByteString>>> next(String userId, String sessionId, String afterId) {
        return users.reply(userId, replyTo -> new ReadEvents(sessionId, afterId, maxWait, replyTo))
                .<Optional<Pair<String, ByteString>>>thenApply(reply -> reply instanceof EventsRead read
                        ? Optional.of(Pair.create(lastId(read, afterId), text(sessionId, read.events())))
                        : Optional.empty())
                .exceptionally(failure -> Optional.empty());
    }

    private static String lastId(EventsRead read, String afterId) {
        List<SessionEvent> events = read.events();
        return events.isEmpty() ? afterId : events.get(events.size() - 1).id();
    }

    private static ByteString text(String sessionId, List<SessionEvent> events) {
        ByteString text = events.isEmpty() ? HEARTBEAT : ByteString.emptyByteString();
        for (SessionEvent event : events) {
            text = text.concat(ByteString.fromString(
                            "id: " + event.id() + "\nevent: " + event.type().wireName() + "\ndata: "))
                    .concat(Json.bytes(json -> event(json, sessionId, event)))
                    .concat(ByteString.fromString("\n\n"));
        }
        return text;
    }

    private static void event(JsonGenerator json, String sessionId, SessionEvent event) throws IOException {
        json.writeStartObject();
        json.writeStringField("session_id", sessionId);
        json.writeArrayFieldStart("seqs");
        for (long seq : event.seqs()) {
            json.writeNumber(seq);
        }
        json.writeEndArray();
        Json.texts(json, "message_ids", event.messageIds());
        StoredObjects.watermarks(json, event.watermarks());
        json.writeEndObject();
    }
}
