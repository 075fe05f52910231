package memfuse.bench;

import memfuse.bench.load.Commands;
import memfuse.bench.recall.RecallCommand;
import memfuse.bench.recall.RecallOfflineCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The benchmarks of the packaged server, a command for each question.
 *
 * <p>{@code java -jar bench/target/memfuse-bench.jar --help}
 */
@Command(
        name = "java -jar bench/target/memfuse-bench.jar",
        description = "Starts the packaged server and measures it. Exit status 1: a target was missed.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class Bench {
    private Bench() {}

    public static void main(String[] arguments) {
        CommandLine line = new CommandLine(new Bench());
        Commands.all().forEach(line::addSubcommand);
        line.addSubcommand(new RecallCommand()).addSubcommand(new RecallOfflineCommand());
        line.getSubcommands().values().forEach(each -> each.getCommandSpec().mixinStandardHelpOptions(true));
        System.exit(line.execute(arguments));
    }
}
