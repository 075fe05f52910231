package memfuse.persistence.database;

/**
 * How the layers' connections are used at a moment.
 *
 * @param busy connections that are at work
 * @param idle connections that are open and wait for work
 * @param waiting threads that wait for a connection
 * @param refused how often none was to be had in time, since the start
 */
public record PoolState(int busy, int idle, int waiting, long refused) {}
