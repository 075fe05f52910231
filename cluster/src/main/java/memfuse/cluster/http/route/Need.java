package memfuse.cluster.http.route;

import java.util.List;
import memfuse.protocol.auth.Permissions;

/**
 * What a caller needs to be let in by a route.
 *
 * @param key whether a valid key is needed at all
 * @param permissions what the key must permit
 * @param owner whose data it must reach
 */
public record Need(boolean key, Permissions permissions, Owner owner) {
    /** Nothing: answered to everybody, and not counted against anybody's rate. */
    public static final Need NOTHING = new Need(false, Permissions.NONE, Owner.SHARED);

    /** What concerns the whole server or all users. */
    public static final Need ADMIN = new Need(true, Permissions.ADMIN, Owner.SHARED);

    /** To read the owner's data. */
    public static Need read(Owner owner) {
        return new Need(true, Permissions.READ, owner);
    }

    /** To change the owner's data. */
    public static Need write(Owner owner) {
        return new Need(true, Permissions.WRITE, owner);
    }

    /** What is said of a caller before anything is looked up. */
    public enum Decision {
        ALLOWED,
        /** The caller's permissions do not cover the need's. */
        NOT_PERMITTED,
        /** The data is that of a user whom the caller does not reach. */
        OTHER_USER
    }

    /**
     * Decides on a caller.
     *
     * @param variables of the request's path
     */
    public Decision decide(Caller caller, List<String> variables) {
        if (!caller.permissions().cover(permissions)) {
            return Decision.NOT_PERMITTED;
        }
        return owner instanceof Owner.UserInPath && !caller.reaches(variables.get(0))
                ? Decision.OTHER_USER
                : Decision.ALLOWED;
    }

    /** The handler, after the owner was looked up where that has to be done. */
    Handler guarding(Handler handler) {
        return owner instanceof Owner.LookedUp lookedUp ? lookedUp.guarding(handler) : handler;
    }
}
