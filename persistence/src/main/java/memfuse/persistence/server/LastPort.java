package memfuse.persistence.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.IntSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Gives the port at which the server of a cluster directory was started last, so that others who use the server find it
 * again; once, and only while nobody else has it. After that it gives other free ones.
 */
final class LastPort implements IntSupplier {
    private static final Pattern PORT = Pattern.compile("\"-p\" \"([0-9]{1,5})\"");

    private final IntSupplier others;
    private int last;

    private LastPort(int last, IntSupplier others) {
        this.last = last;
        this.others = others;
    }

    /** @param others free ports, for when there is no last one */
    static LastPort of(Path cluster, IntSupplier others) throws IOException {
        try {
            Matcher written = PORT.matcher(Files.readString(cluster.resolve("postmaster.opts")));
            return new LastPort(written.find() ? Integer.parseInt(written.group(1)) : 0, others);
        } catch (NoSuchFileException neverStarted) {
            return new LastPort(0, others);
        }
    }

    @Override
    public int getAsInt() {
        int port = last;
        last = 0;
        return port != 0 && isFree(port) ? port : others.getAsInt();
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }
}
