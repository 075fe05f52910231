package memfuse.cluster.settings;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** What was asked for on the command line: to start, or to say something. */
public sealed interface CommandLine {

    /**
     * To start the server.
     *
     * @param configFile the user's own settings
     * @param settings by full key, stronger than all others
     */
    record Start(Optional<Path> configFile, Map<String, String> settings) implements CommandLine {
        public Start {
            settings = Map.copyOf(settings);
        }
    }

    /** To print a text and end. */
    record Say(String text) implements CommandLine {}

    /**
     * Understands the arguments of {@code main}.
     *
     * @throws SettingsException an option is unknown or incomplete
     */
    static CommandLine parse(String... arguments) {
        picocli.CommandLine grammar = new picocli.CommandLine(grammar());
        try {
            ParseResult parsed = grammar.parseArgs(arguments);
            if (parsed.isUsageHelpRequested()) {
                return new Say(grammar.getUsageMessage(Ansi.OFF));
            }
            return parsed.isVersionHelpRequested() ? new Say(BuildInfo.read().toString()) : start(parsed);
        } catch (ParameterException misused) {
            throw new SettingsException(misused.getMessage() + " (--help lists the options)", misused);
        }
    }

    private static Start start(ParseResult parsed) {
        Map<String, String> settings =
                new LinkedHashMap<>(parsed.matchedOptionValue("--set", Map.<String, String>of()));
        if (parsed.hasMatchedOption("--port")) {
            settings.put("memfuse.http.port", parsed.matchedOptionValue("--port", ""));
        }
        if (parsed.hasMatchedOption("--data-dir")) {
            settings.put("memfuse.data-dir", parsed.matchedOptionValue("--data-dir", ""));
        }
        Path none = Path.of("");
        Path file = parsed.matchedOptionValue("--config", none);
        return new Start(parsed.hasMatchedOption("--config") ? Optional.of(file) : Optional.empty(), settings);
    }

    private static CommandSpec grammar() {
        CommandSpec command = CommandSpec.create().name("java -jar memfuse.jar");
        command.addOption(OptionSpec.builder("--config")
                        .paramLabel("FILE")
                        .type(Path.class)
                        .description("Settings in YAML, HOCON, JSON or properties, e.g. memfuse.yaml.")
                        .build())
                .addOption(OptionSpec.builder("--port")
                        .paramLabel("PORT")
                        .type(String.class)
                        .description("Port of the API; 0 takes any free one.")
                        .build())
                .addOption(OptionSpec.builder("--data-dir")
                        .paramLabel("DIR")
                        .type(String.class)
                        .description("Directory of everything the node keeps.")
                        .build())
                .addOption(OptionSpec.builder("--set")
                        .paramLabel("KEY=VALUE")
                        .hideParamSyntax(true)
                        .type(Map.class)
                        .auxiliaryTypes(String.class, String.class)
                        .description("Any setting by its full name; may be repeated.")
                        .build())
                .addOption(OptionSpec.builder("--help", "-h")
                        .usageHelp(true)
                        .description("Print this text.")
                        .build())
                .addOption(OptionSpec.builder("--version", "-V")
                        .versionHelp(true)
                        .description("Print the version.")
                        .build());
        command.usageMessage()
                .sortOptions(false)
                .width(100)
                .header("MemFuse: durable, searchable memory for LLM agents.%n")
                .footer(footer());
        return command;
    }

    private static String[] footer() {
        StringBuilder names = new StringBuilder();
        Defaults defaults = new Defaults();
        defaults.environmentNames().forEach((name, key) -> {
            String value = String.valueOf(defaults.values().getValue(key).unwrapped());
            names.append("  %-41s%-41s%s%n".formatted(name, key, value.isEmpty() ? "(empty)" : value));
        });
        return """

                Stronger first: the command line, Java system properties (-Dmemfuse.http.port=9000), the
                environment, the settings file, the defaults.

                Environment names, the settings they set, and their defaults:
                  MEMFUSE_CONFIG                           (the settings file)
                %s
                Examples:
                  java -jar memfuse.jar
                  java -jar memfuse.jar --port 9000 --data-dir /var/lib/memfuse
                  java -jar memfuse.jar --config memfuse.yaml --set memfuse.embedding.model=none

                Exit status: 0 after an ordinary stop, 1 when the server cannot start.""".formatted(names).replace("%", "%%").split("\n", -1);
    }
}
