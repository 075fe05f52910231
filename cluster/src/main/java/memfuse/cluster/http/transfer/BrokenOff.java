package memfuse.cluster.http.transfer;

/** Why an export ends before its last line. */
final class BrokenOff extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BrokenOff(String why) {
        super(why, null, false, false);
    }
}
