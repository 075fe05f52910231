/**
 * What a run found: figures with their targets, and all that is needed to measure them again. Filled by the runs;
 * written as Markdown for people and as JSON for programs.
 */
@NullMarked
package memfuse.bench.report;

import org.jspecify.annotations.NullMarked;
