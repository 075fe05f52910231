package memfuse.protocol.auth;

/**
 * What may be done, or has to be permitted.
 *
 * @param read to read what belongs to the user
 * @param write to change it
 * @param admin to do everything, for every user; includes the two others
 */
public record Permissions(boolean read, boolean write, boolean admin) {
    public static final Permissions NONE = new Permissions(false, false, false);
    public static final Permissions READ = new Permissions(true, false, false);
    public static final Permissions WRITE = new Permissions(false, true, false);
    public static final Permissions READ_WRITE = new Permissions(true, true, false);
    public static final Permissions ADMIN = new Permissions(true, true, true);

    public Permissions {
        read |= admin;
        write |= admin;
    }

    /** Whether everything in {@code others} is permitted here too. */
    public boolean cover(Permissions others) {
        return (read || !others.read) && (write || !others.write) && (admin || !others.admin);
    }
}
