package memfuse.cluster.http.output;

import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import memfuse.cluster.metrics.RefusalReason;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.auth.KeyText;
import memfuse.protocol.auth.Permissions;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.knowledge.KnowledgeBounds;
import memfuse.protocol.store.StoreException;
import memfuse.protocol.user.UserProtocol.Refused;
import org.apache.pekko.http.javadsl.model.AttributeKey;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.Connection;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.http.scaladsl.model.EntityStreamSizeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one mapping of what went wrong to statuses and texts.
 *
 * <p>An answer after which the same request may succeed carries {@code Retry-After}. What the server does not expect is
 * logged once, under an id that the client is told, and shows nothing of the inside.
 */
public final class Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
    private static final String NO_FIELD = "general";
    private static final HttpHeader RETRY_AFTER = RawHeader.create("Retry-After", "1");
    private static final String KEY_FIELD = "api_key";
    private static final HttpHeader BEARER = RawHeader.create("WWW-Authenticate", "Bearer realm=\"memfuse\"");
    private static final HttpHeader CLOSE = Connection.create("close");
    private static final AttributeKey<RefusalReason> REASON = AttributeKey.create("refusal", RefusalReason.class);

    /** Made once, because every request has it ready. */
    private static final HttpResponse TIMED_OUT =
            because(RefusalReason.TIMEOUT, unavailable("The request took too long; it may have been carried out"));

    /** Made once, because they have to cost little. */
    private static final HttpResponse NODE_BUSY = overloaded(RefusalReason.NODE_IN_FLIGHT);

    private static final HttpResponse NODE_FULL = overloaded(RefusalReason.NODE_BODY_BYTES);
    private static final HttpResponse NODE_QUEUES = overloaded(RefusalReason.NODE_QUEUE);

    private Refusals() {}

    /** What the user's actor refused. */
    public static HttpResponse of(Refused refused) {
        HttpResponse answer = of(refused.code(), refused.text(), refused.field() == null ? NO_FIELD : refused.field());
        return refused.code().retriable() ? because(RefusalReason.ofText(refused.text()), answer) : answer;
    }

    /** Why the answer is a 429 or a 503; empty where it is neither. */
    public static Optional<RefusalReason> reason(HttpResponse answer) {
        return answer.getAttribute(REASON);
    }

    private static HttpResponse because(RefusalReason reason, HttpResponse answer) {
        return answer.addAttribute(REASON, reason);
    }

    public static HttpResponse of(ErrorCode code, String text, String field) {
        HttpResponse answer = Answers.error(code.httpStatus(), text, field);
        return code.retriable() ? because(RefusalReason.UNAVAILABLE, answer.addHeader(RETRY_AFTER)) : answer;
    }

    /** A value in the query string that breaks a rule. */
    public static HttpResponse invalidParameter(String name, String rule, String value) {
        return of(ErrorCode.INVALID, name + " must be " + rule + ": " + name + "=" + shorten(value), name);
    }

    public static HttpResponse notFound(EntityKind kind, String id) {
        return notFound(kind.displayName(), kind.wireName() + "_id", "ID", id);
    }

    public static HttpResponse nameNotFound(EntityKind kind, String name) {
        return notFound(kind.displayName(), "name", "name", name);
    }

    public static HttpResponse sessionNotFound(String id) {
        return notFound("Session", "session_id", "ID", id);
    }

    public static HttpResponse sessionNameNotFound(String name) {
        return notFound("Session", "name", "name", name);
    }

    public static HttpResponse roundNotFound(String id) {
        return notFound("Round", "round_id", "ID", id);
    }

    /** A message that cannot be there; of others their session says so. */
    public static HttpResponse messageNotFound(String id) {
        return notFound("Message", "message_ids", "ID", id);
    }

    public static HttpResponse erasureNotFound(String id) {
        return notFound("Erasure", "erasure_id", "ID", id);
    }

    public static HttpResponse nameTaken(EntityKind kind, String name) {
        String text = "%s with name '%s' already exists".formatted(kind.displayName(), shorten(name));
        return of(ErrorCode.DUPLICATE, text, "name");
    }

    /** The request brings no key, and needs one. */
    public static HttpResponse keyMissing() {
        return unauthenticated("An API key is needed: send it as Authorization: Bearer KEY, or as X-API-Key: KEY");
    }

    /** What the request brings can be no key. */
    public static HttpResponse keyMalformed() {
        return unauthenticated("The API key is malformed: a key has " + KeyText.RULE);
    }

    /** There is no such key, or not any more. */
    public static HttpResponse keyUnknown() {
        return unauthenticated("The API key is unknown or has expired");
    }

    private static HttpResponse unauthenticated(String text) {
        return Answers.error(401, text, KEY_FIELD).addHeader(BEARER);
    }

    /** The key is valid and does not permit this. */
    public static HttpResponse notPermitted(Permissions needed) {
        String what = needed.admin() ? "admin" : needed.write() ? "write" : "read";
        return Answers.error(403, "This API key does not permit this: it needs the permission " + what, KEY_FIELD);
    }

    /** More requests than a key, or an address, may send. */
    public static HttpResponse tooManyRequests(long retryAfterSeconds) {
        return because(
                RefusalReason.RATE_LIMIT,
                limited("Too many requests: the rate limit is used up; nothing was done", retryAfterSeconds));
    }

    /** More keys tried out from one address than are looked up. */
    public static HttpResponse tooManyUnknownKeys(long retryAfterSeconds) {
        return because(
                RefusalReason.UNKNOWN_KEYS,
                limited("Too many API keys from this address that are not in use", retryAfterSeconds));
    }

    private static HttpResponse limited(String text, long retryAfterSeconds) {
        return Answers.error(429, text, NO_FIELD)
                .addHeader(RawHeader.create("Retry-After", Long.toString(retryAfterSeconds)));
    }

    /** The caller's key is bound to a user, and this is not that one's. */
    public static HttpResponse otherUser() {
        return Answers.error(403, "This API key is for another user", "user_id");
    }

    /** A key that is to do more than the caller's own. */
    public static HttpResponse beyondOwnKey(String field, String what) {
        return Answers.error(403, "An API key cannot " + what, field);
    }

    public static HttpResponse keyNotFound(String keyId) {
        return notFound("API key", "key_id", "ID", keyId);
    }

    private static HttpResponse notFound(String what, String field, String by, String value) {
        return of(ErrorCode.NOT_FOUND, "%s with %s '%s' not found".formatted(what, by, shorten(value)), field);
    }

    /** The node has as many requests in work as it takes; nothing was done. */
    public static HttpResponse tooManyInWork() {
        return NODE_BUSY;
    }

    /** The node has as many bytes of bodies in work as it takes; nothing was done. */
    public static HttpResponse tooManyBytesInWork() {
        return NODE_FULL;
    }

    /** The request would wait too long; nothing was done. */
    public static HttpResponse queueTooLong() {
        return NODE_QUEUES;
    }

    private static HttpResponse overloaded(RefusalReason reason) {
        return because(
                reason,
                of(ErrorCode.OVERLOADED, "Too many requests in work on this node; nothing was stored", NO_FIELD));
    }

    /** There is no room on this node for so large an answer now. */
    public static HttpResponse tooManyAnswers() {
        return because(
                RefusalReason.ANSWER_BYTES,
                of(ErrorCode.OVERLOADED, "Too many large answers in work on this node", NO_FIELD));
    }

    /**
     * An answer that is larger than any may be.
     *
     * @param field what of the request makes it so large
     */
    public static HttpResponse answerTooLarge(String field, long bytes, long maxBytes) {
        return of(
                ErrorCode.INVALID,
                "insufficient capacity: maxAnswerBytes=" + maxBytes + ", bytes=" + bytes + "; ask for fewer at a time",
                field);
    }

    /** The node holds as many streams of events as it may. */
    public static HttpResponse tooManyStreams(int maxStreams) {
        return because(
                RefusalReason.EVENT_STREAMS,
                of(
                        ErrorCode.OVERLOADED,
                        "Too many streams of events on this node: maxEventStreams=" + maxStreams,
                        NO_FIELD));
    }

    /**
     * The node does as many exports, or imports, as it may.
     *
     * @param what they are called
     */
    public static HttpResponse tooManyTransfers(String what, int most) {
        return because(
                RefusalReason.TRANSFERS,
                of(
                        ErrorCode.OVERLOADED,
                        "Too many " + what + " on this node; nothing was done: maxConcurrent=" + most,
                        NO_FIELD));
    }

    /** An import with more knowledge than the user can have. */
    public static HttpResponse tooMuchKnowledge(KnowledgeBounds bounds, long items, long bytes) {
        String text = "insufficient capacity: maxItems=" + bounds.maxItems() + ", items=" + items + ", maxBytes="
                + bounds.maxBytes() + ", bytes=" + bytes;
        return of(ErrorCode.INVALID, text, "knowledge");
    }

    /** So many users did not say in time that their buffers are in the layers. */
    public static HttpResponse buffersLeft(int users) {
        return unavailable("Not all buffers were flushed in time; what is left is in the journal: users=" + users);
    }

    /** The node is stopping; another one, or this one later, will do it. */
    public static HttpResponse stopping() {
        return because(RefusalReason.STOPPING, unavailable("The server is shutting down"))
                .addHeader(CLOSE);
    }

    /** The same answer as the last one on its connection. */
    public static HttpResponse last(HttpResponse answer) {
        return answer.getHeader(CLOSE.name()).isPresent() ? answer : answer.addHeader(CLOSE);
    }

    public static HttpResponse timedOut() {
        return TIMED_OUT;
    }

    /** A check of the node's health that found something. */
    public static HttpResponse unhealthy(String check, String problem) {
        return of(ErrorCode.UNAVAILABLE, problem, check);
    }

    public static HttpResponse unavailable(String text) {
        return of(ErrorCode.UNAVAILABLE, text, NO_FIELD);
    }

    /** The body is larger than any body may be. */
    public static HttpResponse bodyTooLarge(long maxBodyBytes) {
        return Answers.error(413, "The body is larger than maxBodyBytes=" + maxBodyBytes, "body");
    }

    /** The body did not arrive in time. */
    public static HttpResponse bodyTooSlow() {
        return Answers.error(408, "The body did not arrive in time", "body").addHeader(CLOSE);
    }

    /** The body ended before its end. */
    public static HttpResponse bodyBroken() {
        return Answers.error(400, "The body could not be read to its end", "body")
                .addHeader(CLOSE);
    }

    /**
     * A body that could not be taken in.
     *
     * @param maxBodyBytes the bound that it was read with
     */
    public static HttpResponse unreadableBody(Throwable failure, long maxBodyBytes) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof EntityStreamSizeException) {
            return bodyTooLarge(maxBodyBytes);
        }
        if (cause instanceof StoreException) {
            return of(cause);
        }
        return cause instanceof TimeoutException ? bodyTooSlow() : bodyBroken();
    }

    /** What a handler failed with. */
    public static HttpResponse of(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof TimeoutException) {
            return timedOut();
        }
        if (cause instanceof StoreException || cause instanceof RejectedExecutionException) {
            LOG.debug("answered as unavailable", cause);
            return because(RefusalReason.STORAGE, unavailable("The server cannot reach its storage now"));
        }
        String requestId = UUID.randomUUID().toString();
        LOG.error("request {} failed", requestId, cause);
        return Answers.error(500, "Internal server error; it is logged as request " + requestId, NO_FIELD);
    }

    private static String shorten(String value) {
        int maxLength = 300;
        if (value.length() <= maxLength) {
            return value;
        }
        int end = Character.isHighSurrogate(value.charAt(maxLength - 1)) ? maxLength - 1 : maxLength;
        return value.substring(0, end) + "…";
    }
}
