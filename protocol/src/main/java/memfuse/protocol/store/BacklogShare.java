package memfuse.protocol.store;

import java.time.Duration;

/**
 * The units of the store that one of several nodes embeds: those of the users that fall to it, each user to one node.
 *
 * @param part which of the shares, from 0
 * @param of how many shares there are
 * @param minAge how long units must have waited: until then their own node may be about to store their embeddings
 */
public record BacklogShare(int part, int of, Duration minAge) {
    /** Everything, at once. */
    public static final BacklogShare ALL = new BacklogShare(0, 1, Duration.ZERO);

    public BacklogShare {
        if (part < 0 || part >= of || minAge.isNegative()) {
            throw new IllegalArgumentException("not a share: part=" + part + ", of=" + of + ", minAge=" + minAge);
        }
    }
}
