package memfuse.cluster.http.transfer;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.ToIntFunction;
import memfuse.cluster.http.backend.AsyncDirectory;
import memfuse.cluster.http.backend.Stages;
import memfuse.cluster.http.backend.UserActors;
import memfuse.cluster.http.output.Answers;
import memfuse.cluster.http.output.Refusals;
import memfuse.cluster.http.output.StoredObjects;
import memfuse.cluster.http.route.Call;
import memfuse.cluster.http.route.Need;
import memfuse.cluster.http.route.Owner;
import memfuse.cluster.http.route.RouteTable;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.transfer.ImportStore;
import memfuse.protocol.transfer.ImportStore.Import;
import memfuse.protocol.transfer.ImportStore.NoSuchUser;
import memfuse.protocol.transfer.ImportStore.Outcome;
import memfuse.protocol.transfer.ImportStore.Repeated;
import memfuse.protocol.transfer.ImportStore.Stored;
import memfuse.protocol.transfer.ImportStore.TooMuchKnowledge;
import memfuse.protocol.transfer.Imported;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reload;
import memfuse.protocol.user.UserProtocol.Reloaded;
import org.apache.pekko.actor.ClassicActorSystemProvider;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.RequestEntity;
import org.apache.pekko.stream.javadsl.Sink;

/**
 * {@code POST /users/{id}/import}: takes a file of an export into a user's memory, all or nothing.
 *
 * <p>The file is kept on disk until it has arrived, so that a slow client holds nothing of the database; then it is stored
 * in one transaction, and the user's actor takes it up. A file that comes again is answered as the first time.
 */
public final class ImportResource {
    /** In a line, a character of a text can be written in six. */
    private static final int ESCAPED = 6;

    private static final int OTHER_FIELDS_BYTES = 64 << 10;

    private final ClassicActorSystemProvider system;
    private final AsyncDirectory directory;
    private final UserActors users;
    private final ImportStore store;
    private final TextPieces pieces;
    private final ToIntFunction<String> tokens;
    private final InstantSource clock;
    private final Executor blocking;
    private final TransferSettings settings;
    private final Slots slots;

    /** @param blocking writes files and the store */
    public ImportResource(
            ClassicActorSystemProvider system,
            AsyncDirectory directory,
            UserActors users,
            TransferParts parts,
            ToIntFunction<String> tokens,
            InstantSource clock,
            Executor blocking) {
        this.system = system;
        this.directory = directory;
        this.users = users;
        this.store = parts.imports();
        this.pieces = parts.pieces();
        this.tokens = tokens;
        this.clock = clock;
        this.blocking = blocking;
        this.settings = parts.settings();
        this.slots = new Slots(settings.maxConcurrent());
    }

    public void addTo(RouteTable routes) {
        routes.postStreamed("/api/v1/users/{id}/import", Need.write(Owner.USER_IN_PATH), this::importFile);
    }

    private CompletionStage<HttpResponse> importFile(Call call) {
        RequestEntity body = call.request().entity();
        if (body.getContentLengthOption().orElse(0) > settings.maxImportBytes()) {
            return done(Refusals.bodyTooLarge(settings.maxImportBytes()));
        }
        if (!slots.tryTake()) {
            return done(Refusals.tooManyTransfers("imports", settings.maxConcurrent()));
        }
        String userId = call.id();
        return directory
                .find(EntityKind.USER, userId)
                .thenCompose(found -> found.isEmpty()
                        ? done(Refusals.notFound(EntityKind.USER, userId))
                        : CompletableFuture.supplyAsync(StagedBody::open, blocking)
                                .thenCompose(staged -> importFile(userId, body, staged)))
                .whenComplete((answer, failure) -> slots.giveBack());
    }

    private CompletableFuture<HttpResponse> importFile(String userId, RequestEntity body, StagedBody staged) {
        return receive(body, staged)
                .thenCompose(unreadable -> unreadable.isPresent()
                        ? done(unreadable.get())
                        : CompletableFuture.supplyAsync(() -> store(userId, staged), blocking)
                                .thenCompose(outcome -> answer(userId, outcome)))
                .exceptionally(ImportResource::invalid)
                .whenComplete((answer, failure) -> staged.close());
    }

    /** Takes the body in; gives the answer to one that cannot be read to its end. */
    private CompletableFuture<Optional<HttpResponse>> receive(RequestEntity body, StagedBody staged) {
        CompletionStage<StagedBody> received = body.withSizeLimit(settings.maxImportBytes())
                .getDataBytes()
                .completionTimeout(settings.timeout())
                .runWith(
                        Sink.foldAsync(
                                staged,
                                (file, bytes) -> CompletableFuture.supplyAsync(() -> file.write(bytes), blocking)),
                        system);
        return Stages.continuedOn(blocking, received)
                .handle((file, failure) -> failure == null
                        ? Optional.empty()
                        : Optional.of(Refusals.unreadableBody(failure, settings.maxImportBytes())));
    }

    private Outcome store(String userId, StagedBody staged) {
        String fingerprint = staged.fingerprint();
        Optional<Imported> before = store.imported(userId, fingerprint);
        if (before.isPresent()) {
            return new Repeated(before.get());
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        FileLines lines = new FileLines(staged.read(), ESCAPED * settings.maxMessageBytes() + OTHER_FIELDS_BYTES);
        return store.store(
                new Import(userId, fingerprint, now, settings.knowledge()),
                new ImportedFile(lines, settings.maxMessageBytes(), userId, now, pieces, tokens));
    }

    private static HttpResponse invalid(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof InvalidFile file) {
            return Answers.invalid(file.issues());
        }
        throw new CompletionException(cause);
    }

    private CompletableFuture<HttpResponse> answer(String userId, Outcome outcome) {
        if (outcome instanceof NoSuchUser) {
            return done(Refusals.notFound(EntityKind.USER, userId));
        }
        if (outcome instanceof TooMuchKnowledge much) {
            return done(Refusals.tooMuchKnowledge(settings.knowledge(), much.items(), much.bytes()));
        }
        return users.reply(userId, Reload::new).thenApply(reply -> {
            if (reply instanceof Reloaded) {
                return outcome instanceof Stored stored
                        ? Answers.created(
                                "User imported successfully",
                                json -> StoredObjects.imported(json, userId, stored.imported()))
                        : Answers.ok(
                                "User was imported before",
                                json -> StoredObjects.imported(json, userId, ((Repeated) outcome).imported()));
            }
            return reply instanceof Refused refused && refused.code() == ErrorCode.NOT_FOUND
                    ? Refusals.of(refused)
                    : Refusals.unavailable(
                            "The import is stored, but may not be found yet; send the same file again, and it will be");
        });
    }

    private static CompletableFuture<HttpResponse> done(HttpResponse answer) {
        return CompletableFuture.completedFuture(answer);
    }
}
