package memfuse.cluster.http.resource;

import memfuse.cluster.http.backend.AsyncDirectory;
import memfuse.cluster.http.output.Refusals;
import memfuse.cluster.http.route.Owner;

/** The owners of what paths name. */
final class Owners {
    private Owners() {}

    /** The user of the session in the path. To other users a session is unknown: its id tells nothing. */
    static Owner session(AsyncDirectory directory) {
        return Owner.lookedUp(directory::userOf, Refusals::sessionNotFound);
    }
}
