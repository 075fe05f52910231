package memfuse.cluster.http.route;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** Whose data a route touches, and so which callers of those that are bound to a user get to its handler. */
public sealed interface Owner {
    /** The user whose id is the first variable of the path. Others get 403, whether there is such a user or not. */
    Owner USER_IN_PATH = new UserInPath();

    /** Said in the query or the body, or all users': the handler asks {@link Call#caller()} before it does anything. */
    Owner IN_REQUEST = new InRequest();

    /** Nobody's: what all users share. Every caller may pass. */
    Owner SHARED = new Shared();

    /**
     * The owner of the thing whose id is the first variable of the path, such as a session.
     *
     * @param userOf the owner's id; nothing where there is no such thing
     * @param notFound the answer where there is none, which callers get too whom the thing does not belong to: for them
     *     it is as if it were not there
     */
    static Owner lookedUp(
            Function<String, ? extends CompletionStage<Optional<String>>> userOf,
            Function<String, HttpResponse> notFound) {
        return new LookedUp(userOf, notFound);
    }

    /** See {@link #USER_IN_PATH}. */
    record UserInPath() implements Owner {}

    /** See {@link #IN_REQUEST}. */
    record InRequest() implements Owner {}

    /** See {@link #SHARED}. */
    record Shared() implements Owner {}

    /** See {@link #lookedUp}. */
    record LookedUp(
            Function<String, ? extends CompletionStage<Optional<String>>> userOf,
            Function<String, HttpResponse> notFound)
            implements Owner {

        Handler guarding(Handler handler) {
            return call -> call.caller().isBound() ? guarded(handler, call) : handler.handle(call);
        }

        private CompletionStage<HttpResponse> guarded(Handler handler, Call call) {
            return userOf.apply(call.id())
                    .thenCompose(user -> user.filter(call.caller()::reaches).isPresent()
                            ? handler.handle(call)
                            : CompletableFuture.completedFuture(notFound.apply(call.id())));
        }
    }
}
