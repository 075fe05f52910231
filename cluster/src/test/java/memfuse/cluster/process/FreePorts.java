package memfuse.cluster.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Ports that are free now and that the system gives to nobody by itself, for servers that come back to theirs. Each is
 * given once.
 */
final class FreePorts {
    /** Below what systems hand out to clients. */
    private static final int FIRST = 12_000;

    private static final int COUNT = 18_000;
    private static final int TRIES = 1_000;
    private static final Random ANYWHERE = new Random();
    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private FreePorts() {}

    static int next() {
        for (int i = 0; i < TRIES; i++) {
            int port = FIRST + ANYWHERE.nextInt(COUNT);
            if (GIVEN.add(port) && isFree(port)) {
                return port;
            }
        }
        throw new AssertionError("no port is free");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }
}
