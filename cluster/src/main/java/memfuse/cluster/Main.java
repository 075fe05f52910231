package memfuse.cluster;

import memfuse.cluster.settings.CommandLine;
import memfuse.cluster.settings.LoadedSettings;
import memfuse.cluster.settings.SettingsException;

/** The entry point: reads the command line and the settings, and starts the server. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        sizeCommonPool();
        try {
            CommandLine commandLine = CommandLine.parse(arguments);
            if (commandLine instanceof CommandLine.Say say) {
                System.out.println(say.text());
            } else if (commandLine instanceof CommandLine.Start start) {
                LoadedSettings loaded = LoadedSettings.load(start, System.getenv(), System.getProperties());
                System.setProperty("memfuse.log-level", loaded.settings().logLevel());
            }
        } catch (SettingsException refused) {
            System.err.println("memfuse: " + refused.getMessage());
            System.exit(1);
        }
    }

    /**
     * The common pool has a thread less than there are processors. With a single one, each continuation of an ask
     * starts a thread of its own; so it gets two at least, before anybody touches it.
     */
    private static void sizeCommonPool() {
        String parallelism = "java.util.concurrent.ForkJoinPool.common.parallelism";
        if (System.getProperty(parallelism) == null) {
            System.setProperty(
                    parallelism, String.valueOf(Math.max(2, Runtime.getRuntime().availableProcessors())));
        }
    }
}
