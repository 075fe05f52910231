/**
 * The load runs: one command for each question about the packaged server. Called from {@link memfuse.bench.Bench};
 * each starts the server, loads it over HTTP, and answers with a {@link memfuse.bench.report.Report}.
 */
@NullMarked
package memfuse.bench.load;

import org.jspecify.annotations.NullMarked;
