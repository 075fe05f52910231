package memfuse.actors.embedding;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import java.util.Locale;
import java.util.zip.CRC32;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the native parts of ONNX Runtime and the tokenizer are unpacked: once, into a directory of ours, found again at
 * the next start.
 *
 * <p>Left alone, ONNX Runtime unpacks 30 MB into the temporary directory at every start and leaves them there when the
 * process is killed; the tokenizer unpacks below the home directory, looks for other builds of itself on the network,
 * and reports its use. Call it before the first of their classes is touched. Settings given from outside win.
 */
final class NativeLibraries {
    private static final Logger log = LoggerFactory.getLogger(NativeLibraries.class);
    private static final String ORT_PATH = "onnxruntime.native.path";

    private NativeLibraries() {}

    static synchronized void unpackInto(Path directory) {
        setUnlessGiven("OPT_OUT_TRACKING", "true");
        setUnlessGiven("ai.djl.offline", "true");
        try {
            Files.createDirectories(directory);
            setUnlessGiven("ENGINE_CACHE_DIR", directory.toAbsolutePath().toString());
            if (System.getProperty(ORT_PATH) == null) {
                unpackOnnxRuntime(directory);
            }
        } catch (IOException e) {
            log.warn("native libraries are unpacked into the temporary directory: {}", e.toString());
        }
    }

    private static void unpackOnnxRuntime(Path directory) throws IOException {
        String[] names = {System.mapLibraryName("onnxruntime"), System.mapLibraryName("onnxruntime4j_jni")};
        byte[][] contents = new byte[names.length][];
        CRC32 crc = new CRC32();
        for (int i = 0; i < names.length; i++) {
            String resource = "/ai/onnxruntime/native/" + platform() + "/" + names[i];
            try (InputStream in = OrtEnvironment.class.getResourceAsStream(resource)) {
                if (in == null) {
                    return; // ONNX Runtime says itself which platforms it has
                }
                contents[i] = in.readAllBytes();
            }
            crc.update(contents[i]);
        }
        Path target = directory.resolve("onnxruntime-" + HexFormat.of().toHexDigits((int) crc.getValue()));
        Files.createDirectories(target);
        for (int i = 0; i < names.length; i++) {
            Path file = target.resolve(names[i]);
            if (!Files.exists(file)) {
                Path partial = Files.createTempFile(target, names[i], ".part");
                Files.write(partial, contents[i]);
                moveIntoPlace(partial, file);
            }
        }
        System.setProperty(ORT_PATH, target.toAbsolutePath().toString());
    }

    private static void moveIntoPlace(Path partial, Path file) throws IOException {
        try {
            Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static String platform() {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        String system = os.contains("mac") ? "osx" : os.contains("win") ? "win" : "linux";
        return system + "-" + (arch.equals("amd64") || arch.equals("x86_64") ? "x64" : arch);
    }

    private static void setUnlessGiven(String key, String value) {
        if (System.getenv(key) == null && System.getProperty(key) == null) {
            System.setProperty(key, value);
        }
    }
}
