package memfuse.cluster.http.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import memfuse.cluster.http.route.Need.Decision;
import memfuse.protocol.auth.Permissions;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NeedTest {
    private static final HttpResponse MISSING = HttpResponse.create().withStatus(404);

    private final Handler handler =
            call -> CompletableFuture.completedStage(HttpResponse.create().withStatus(200));
    private final Owner ofThing = Owner.lookedUp(
            id -> CompletableFuture.completedFuture(id.equals("t") ? Optional.of("ann") : Optional.empty()),
            id -> MISSING);

    private static Caller caller(@Nullable String userId, Permissions permissions) {
        return new Caller(userId, permissions, null);
    }

    private static Permissions permissions(String words) {
        return new Permissions(words.contains("read"), words.contains("write"), words.contains("admin"));
    }

    private static Need need(String word, Owner owner) {
        return switch (word) {
            case "read" -> Need.read(owner);
            case "write" -> Need.write(owner);
            default -> Need.ADMIN;
        };
    }

    @ParameterizedTest
    @CsvSource({
        // key permits, need, own user, other user
        "read,       read,  ALLOWED,       OTHER_USER",
        "read,       write, NOT_PERMITTED, NOT_PERMITTED",
        "read,       admin, NOT_PERMITTED, NOT_PERMITTED",
        "write,      read,  NOT_PERMITTED, NOT_PERMITTED",
        "write,      write, ALLOWED,       OTHER_USER",
        "write,      admin, NOT_PERMITTED, NOT_PERMITTED",
        "read+write, read,  ALLOWED,       OTHER_USER",
        "read+write, write, ALLOWED,       OTHER_USER",
        "read+write, admin, NOT_PERMITTED, NOT_PERMITTED",
    })
    void decidesByPermissionAndThenByUser(String permits, String need, Decision own, Decision other) {
        Caller ann = caller("ann", permissions(permits));
        Need ofUser = need(need, Owner.USER_IN_PATH);
        assertThat(ofUser.decide(ann, List.of("ann", "k"))).isEqualTo(own);
        assertThat(ofUser.decide(ann, List.of("bob", "ann"))).isEqualTo(other);
        Decision permitted = own;
        for (Owner owner : List.of(Owner.IN_REQUEST, Owner.SHARED, ofThing)) {
            assertThat(need(need, owner).decide(ann, List.of("x"))).isEqualTo(permitted);
        }
    }

    @Test
    void letsAnAdminAndAnyoneDoEverything() {
        for (Caller everywhere : List.of(Caller.ANYONE, caller(null, Permissions.ADMIN))) {
            for (String need : List.of("read", "write", "admin")) {
                for (Owner owner : List.of(Owner.USER_IN_PATH, Owner.IN_REQUEST, Owner.SHARED, ofThing)) {
                    assertThat(need(need, owner).decide(everywhere, List.of("bob")))
                            .isEqualTo(Decision.ALLOWED);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"ann, t, 200", "bob, t, 404", "ann, u, 404", "bob, u, 404"})
    void showsAThingToItsUserAloneAndToOthersAsIfItWereNotThere(String user, String thing, int status) {
        assertThat(answer(caller(user, Permissions.READ_WRITE), thing)).isEqualTo(status);
    }

    @Test
    void leavesTheThingsOfAllUsersToTheHandlerWhereTheCallerReachesThem() {
        assertThat(answer(Caller.ANYONE, "t")).isEqualTo(200);
        assertThat(answer(Caller.ANYONE, "u")).isEqualTo(200);
    }

    private int answer(Caller caller, String thing) {
        Call call = new Call(List.of(thing), HttpRequest.GET("/"), ByteString.emptyByteString(), caller);
        return Need.read(ofThing)
                .guarding(handler)
                .handle(call)
                .toCompletableFuture()
                .join()
                .status()
                .intValue();
    }
}
