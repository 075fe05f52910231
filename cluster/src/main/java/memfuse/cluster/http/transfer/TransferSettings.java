package memfuse.cluster.http.transfer;

import java.time.Duration;
import memfuse.protocol.knowledge.KnowledgeBounds;

/**
 * Bounds of exports and imports.
 *
 * @param maxConcurrent exports on this node at a time, and as many imports; one more is refused with 429
 * @param maxImportBytes of a file; a larger one is refused with 413
 * @param maxMessageBytes of one message, its metadata included, or one item of knowledge, in UTF-8
 * @param timeout how long an export, or the arrival of an import, may take
 */
public record TransferSettings(
        int maxConcurrent, long maxImportBytes, int maxMessageBytes, Duration timeout, KnowledgeBounds knowledge) {}
