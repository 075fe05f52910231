package memfuse.persistence.server;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * PostgreSQL's command line tools, run under the server's account.
 *
 * @param directory where the tools run and keep their output for that time
 */
record ServerTools(Distribution distribution, ServerAccount account, Path directory) {

    ToolProcess start(String tool, List<String> arguments) throws IOException {
        return ToolProcess.start(directory, account.command(distribution.executable(tool), arguments));
    }

    ToolProcess.Result run(String tool, List<String> arguments, Duration limit) throws IOException {
        try (ToolProcess process = start(tool, arguments)) {
            return process.result(limit);
        }
    }
}
