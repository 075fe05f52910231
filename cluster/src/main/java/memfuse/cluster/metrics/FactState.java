package memfuse.cluster.metrics;

import java.util.function.Supplier;
import memfuse.actors.layers.FactCounters;
import memfuse.protocol.facts.ExtractionUsage;

/**
 * What M2 does on a node; all of it on the node that has the cluster's backlog.
 *
 * @param model what the extractor has asked a model for
 */
public record FactState(FactCounters counters, Supplier<ExtractionUsage> model) {}
