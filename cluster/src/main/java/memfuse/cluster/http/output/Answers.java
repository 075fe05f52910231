package memfuse.cluster.http.output;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import memfuse.cluster.http.input.Issue;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.util.ByteString;

/** The shapes of answers: the envelope of success and error, the list of issues, and the bare detail. */
public final class Answers {
    private static final ObjectMapper TREES = new ObjectMapper();

    private Answers() {}

    /** 200 with the fields that {@code data} writes. */
    public static HttpResponse ok(String message, Json.Writer data) {
        return success(200, message, data);
    }

    /** 201 with the fields that {@code data} writes. */
    public static HttpResponse created(String message, Json.Writer data) {
        return success(201, message, data);
    }

    /** 202 with the fields that {@code data} writes: it is done, but not as far as was asked. */
    public static HttpResponse accepted(String message, Json.Writer data) {
        return success(202, message, data);
    }

    /** 204 without a body. */
    public static HttpResponse noContent() {
        return HttpResponse.create().withStatus(StatusCodes.NO_CONTENT).withEntity(HttpEntities.EMPTY);
    }

    /** 200 with one object under {@code key}. */
    public static HttpResponse ok(String message, String key, Json.Writer object) {
        return ok(message, json -> {
            json.writeFieldName(key);
            object.write(json);
        });
    }

    /** 201 with one object under {@code key}. */
    public static HttpResponse created(String message, String key, Json.Writer object) {
        return created(message, json -> {
            json.writeFieldName(key);
            object.write(json);
        });
    }

    /** 200 with a list under {@code key}. */
    public static <T> HttpResponse okList(String message, String key, List<T> elements, ElementWriter<T> writer) {
        return ok(message, json -> {
            json.writeArrayFieldStart(key);
            for (T element : elements) {
                writer.write(json, element);
            }
            json.writeEndArray();
        });
    }

    /** Writes one element of a list. */
    @FunctionalInterface
    public interface ElementWriter<T> {
        void write(JsonGenerator json, T element) throws IOException;
    }

    private static HttpResponse success(int status, String message, Json.Writer data) {
        return json(status, json -> {
            json.writeStartObject();
            json.writeStringField("status", "success");
            json.writeNumberField("code", status);
            json.writeObjectFieldStart("data");
            data.write(json);
            json.writeEndObject();
            json.writeStringField("message", message);
            json.writeNullField("errors");
            json.writeEndObject();
        });
    }

    /** An error in the envelope. As the contract has it, 401 and 429 come without {@code data}. */
    static HttpResponse error(int status, String message, String field) {
        return json(status, json -> {
            json.writeStartObject();
            json.writeStringField("status", "error");
            json.writeNumberField("code", status);
            if (status != 401 && status != 429) {
                json.writeNullField("data");
            }
            json.writeStringField("message", message);
            json.writeArrayFieldStart("errors");
            json.writeStartObject();
            json.writeStringField("field", field);
            json.writeStringField("message", message);
            json.writeEndObject();
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    /** 422 with everything that is wrong with a body. */
    public static HttpResponse invalid(List<Issue> issues) {
        return json(422, json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("detail");
            for (Issue issue : issues) {
                json.writeStartObject();
                json.writeStringField("type", issue.type());
                json.writeArrayFieldStart("loc");
                for (Object step : issue.location()) {
                    json.writeObject(step);
                }
                json.writeEndArray();
                json.writeStringField("msg", issue.message());
                json.writeFieldName("input");
                TREES.writeTree(json, issue.input());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    /** 404 for a path that is no route. */
    public static HttpResponse unknownRoute() {
        return detail(404, "Not Found");
    }

    /** 405 for a route that has other methods. */
    public static HttpResponse methodNotAllowed(Set<String> allowed) {
        return detail(405, "Method Not Allowed").addHeader(RawHeader.create("Allow", String.join(", ", allowed)));
    }

    /** An answer outside the envelope. */
    public static HttpResponse detail(int status, String text) {
        return json(status, json -> {
            json.writeStartObject();
            json.writeStringField("detail", text);
            json.writeEndObject();
        });
    }

    /** 200 with a JSON document outside the envelope. */
    public static HttpResponse bare(JsonNode document) {
        return json(200, json -> TREES.writeTree(json, document));
    }

    private static HttpResponse json(int status, Json.Writer body) {
        ByteString bytes = Json.bytes(body);
        return HttpResponse.create()
                .withStatus(status)
                .withEntity(HttpEntities.create(ContentTypes.APPLICATION_JSON, bytes));
    }
}
