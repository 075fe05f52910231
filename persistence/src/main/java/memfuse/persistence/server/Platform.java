package memfuse.persistence.server;

import java.util.List;
import java.util.Locale;

/**
 * The operating system and processor this process runs on, in the words of the binaries' resources.
 *
 * @param os {@code linux}, {@code darwin}, {@code windows}, or the system's own name when there are no binaries for it
 * @param architecture {@code x86_64}, {@code arm_64}, or the processor's own name
 */
record Platform(String os, String architecture) {

    static Platform current() {
        return of(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
    }

    static Platform of(String osName, String osArch) {
        String name = osName.toLowerCase(Locale.ROOT);
        String os = name.startsWith("linux")
                ? "linux"
                : name.startsWith("mac") || name.startsWith("darwin")
                        ? "darwin"
                        : name.startsWith("windows") ? "windows" : name;
        String architecture = switch (osArch.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64", "x64" -> "x86_64";
            case "aarch64", "arm64" -> "arm_64";
            default -> osArch.toLowerCase(Locale.ROOT);
        };
        return new Platform(os, architecture);
    }

    boolean isWindows() {
        return os.equals("windows");
    }

    boolean isLinux() {
        return os.equals("linux");
    }

    /** Resources that may hold the binaries, best first: those for macOS run on both of its processors. */
    List<String> archives() {
        String own = archive(architecture);
        return os.equals("darwin") ? List.of(own, archive("x86_64"), archive("arm_64")) : List.of(own);
    }

    String executable(String name) {
        return isWindows() ? name + ".exe" : name;
    }

    private String archive(String anArchitecture) {
        return "postgres-" + os + "-" + anArchitecture + ".txz";
    }

    @Override
    public String toString() {
        return os + " " + architecture;
    }
}
