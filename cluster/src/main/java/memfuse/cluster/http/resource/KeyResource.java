package memfuse.cluster.http.resource;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import memfuse.cluster.http.access.KeyRing;
import memfuse.cluster.http.backend.AsyncDirectory;
import memfuse.cluster.http.input.Fields;
import memfuse.cluster.http.input.Fields.Length;
import memfuse.cluster.http.output.Answers;
import memfuse.cluster.http.output.Refusals;
import memfuse.cluster.http.output.StoredObjects;
import memfuse.cluster.http.route.Call;
import memfuse.cluster.http.route.Caller;
import memfuse.cluster.http.route.Need;
import memfuse.cluster.http.route.Owner;
import memfuse.cluster.http.route.RouteTable;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.auth.ApiKey;
import memfuse.protocol.auth.KeyDigest;
import memfuse.protocol.auth.KeyStore;
import memfuse.protocol.auth.KeyStore.Created;
import memfuse.protocol.auth.KeyText;
import memfuse.protocol.auth.Permissions;
import memfuse.protocol.directory.EntityKind;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.jspecify.annotations.Nullable;

/**
 * {@code /users/{id}/api-keys}: the keys of a user.
 *
 * <p>A key makes no key that permits more or lives longer than itself, so that what was lent cannot be widened.
 */
public final class KeyResource {
    private static final Length NAME = new Length(0, 255);
    private static final Set<String> PERMISSIONS = new TreeSet<>(Set.of("read", "write", "admin"));
    private static final HttpHeader NOT_TO_BE_STORED = RawHeader.create("Cache-Control", "no-store");

    private final KeyRing keys;
    private final AsyncDirectory directory;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    public KeyResource(KeyRing keys, AsyncDirectory directory, InstantSource clock) {
        this.keys = keys;
        this.directory = directory;
        this.clock = clock;
    }

    private record NewKey(
            @Nullable String name,
            @Nullable String text,
            Optional<Permissions> permissions,
            @Nullable Instant expiresAt) {}

    public void addTo(RouteTable routes) {
        String all = "/api/v1/users/{id}/api-keys";
        routes.get(all, Need.read(Owner.USER_IN_PATH), this::list)
                .post(all, Need.write(Owner.USER_IN_PATH), this::create)
                .delete(all + "/{key_id}", Need.write(Owner.USER_IN_PATH), this::delete);
    }

    private CompletionStage<HttpResponse> list(Call call) {
        return directory
                .find(EntityKind.USER, call.id())
                .thenCompose(user -> user.isPresent()
                        ? keys.ask(all -> all.ofUser(call.id()))
                                .thenApply(found -> Answers.okList(
                                        "API keys retrieved successfully",
                                        "api_keys",
                                        found,
                                        (json, key) -> StoredObjects.apiKey(json, key, Optional.empty())))
                        : Requests.done(Refusals.notFound(EntityKind.USER, call.id())));
    }

    private CompletionStage<HttpResponse> create(Call call) {
        return Requests.with(call, body -> read(body, call.id()), asked -> create(call.id(), call.caller(), asked));
    }

    private NewKey read(Fields body, String userId) {
        String sameUser = body.optionalText("user_id", Requests.ID);
        if (sameUser != null && !sameUser.equals(userId)) {
            body.refuse("user_id", "user_id should be that of the path");
        }
        String text = body.optionalText("key", new Length(0, Integer.MAX_VALUE));
        if (text != null && !KeyText.isAllowed(text)) {
            body.refuse("key", "key should have " + KeyText.RULE);
        }
        Optional<Permissions> permissions = body.chosen("permissions", PERMISSIONS)
                .map(chosen ->
                        new Permissions(chosen.contains("read"), chosen.contains("write"), chosen.contains("admin")));
        if (permissions.equals(Optional.of(Permissions.NONE))) {
            body.refuse("permissions", "permissions should hold at least one");
        }
        Instant expiresAt = body.time("expires_at");
        if (expiresAt != null && !expiresAt.isAfter(clock.instant())) {
            body.refuse("expires_at", "expires_at should be in the future");
        }
        return new NewKey(body.optionalText("name", NAME), text, permissions, expiresAt);
    }

    private CompletionStage<HttpResponse> create(String userId, Caller caller, NewKey asked) {
        Permissions lendable = caller.permissions();
        Permissions permissions = asked.permissions().orElse(new Permissions(lendable.read(), lendable.write(), false));
        if (!lendable.cover(permissions)) {
            return Requests.done(Refusals.beyondOwnKey("permissions", "permit more than the one that makes it"));
        }
        Instant end = caller.expiresAt();
        Instant expiresAt = asked.expiresAt() == null ? end : asked.expiresAt();
        if (end != null && expiresAt != null && expiresAt.isAfter(end)) {
            return Requests.done(Refusals.beyondOwnKey("expires_at", "outlive the one that makes it, until " + end));
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        String text = asked.text() == null ? KeyText.random(random) : asked.text();
        ApiKey key = new ApiKey(Ids.next(now.toEpochMilli()), userId, asked.name(), permissions, now, expiresAt);
        return store(key, text).thenApply(created -> created(created, key, text));
    }

    private CompletionStage<Created> store(ApiKey key, String text) {
        KeyDigest digest = keys.digest(text);
        return keys.isAdminKey(digest)
                ? CompletableFuture.completedFuture(Created.TAKEN)
                : keys.ask(all -> all.create(key, digest));
    }

    private static HttpResponse created(Created created, ApiKey key, String text) {
        return switch (created) {
            case DONE ->
                Answers.created(
                                "API key created successfully",
                                "api_key",
                                json -> StoredObjects.apiKey(json, key, Optional.of(text)))
                        .addHeader(NOT_TO_BE_STORED);
            case TAKEN -> Refusals.of(ErrorCode.DUPLICATE, "This API key exists already", "key");
            case TOO_MANY ->
                Refusals.of(
                        ErrorCode.INVALID, "A user has at most " + KeyStore.MAX_KEYS_OF_USER + " API keys", "user_id");
            case NO_SUCH_USER -> Refusals.notFound(EntityKind.USER, key.userId());
        };
    }

    private CompletionStage<HttpResponse> delete(Call call) {
        String keyId = call.variables().get(1);
        return directory
                .find(EntityKind.USER, call.id())
                .thenCompose(user -> user.isPresent()
                        ? keys.delete(call.id(), keyId)
                                .thenApply(deleted -> deleted
                                        ? Answers.ok(
                                                "API key deleted successfully",
                                                json -> json.writeStringField("key_id", keyId))
                                        : Refusals.keyNotFound(keyId))
                        : Requests.done(Refusals.notFound(EntityKind.USER, call.id())));
    }
}
