package memfuse.cluster.http.resource;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import memfuse.cluster.http.input.Decoded;
import memfuse.cluster.http.input.Fields;
import memfuse.cluster.http.input.Fields.Length;
import memfuse.cluster.http.input.JsonInput;
import memfuse.cluster.http.input.Texts;
import memfuse.cluster.http.output.Answers;
import memfuse.cluster.http.route.Call;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** What all resources agree on about requests. */
final class Requests {
    /** Names of users, agents, sessions and speakers. */
    static final Length NAME = new Length(1, 255);

    /** Ids in bodies; those of our own making are shorter. */
    static final Length ID = new Length(1, 255);

    private Requests() {}

    /** Goes on with what {@code reader} makes of the body, or answers 422 with all that is wrong with it. */
    static <T> CompletionStage<HttpResponse> with(
            Call call, Function<Fields, T> reader, Function<T, CompletionStage<HttpResponse>> then) {
        Decoded<T> decoded = JsonInput.decode(call.body(), reader);
        if (decoded instanceof Decoded.Valid<T> valid) {
            return then.apply(valid.value());
        }
        return done(Answers.invalid(((Decoded.Invalid<T>) decoded).issues()));
    }

    static CompletionStage<HttpResponse> done(HttpResponse answer) {
        return CompletableFuture.completedFuture(answer);
    }

    /** Refuses a query that is longer than a message may be. */
    static void boundQuery(Fields body, String query, MessageLimits limits) {
        long bytes = Texts.utf8Bytes(query);
        if (bytes > limits.maxMessageBytes()) {
            body.refuse(
                    "query", "query should have at most " + limits.maxMessageBytes() + " bytes in UTF-8, not " + bytes);
        }
    }
}
