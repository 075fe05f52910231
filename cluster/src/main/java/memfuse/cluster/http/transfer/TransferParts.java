package memfuse.cluster.http.transfer;

import memfuse.protocol.knowledge.KnowledgeStore;
import memfuse.protocol.transfer.ImportStore;

/**
 * What exports and imports are made of, beside what all resources are.
 *
 * @param knowledge is exported
 * @param pieces what messages and knowledge are searched by, cut as sessions cut them
 */
public record TransferParts(
        ImportStore imports, KnowledgeStore knowledge, TextPieces pieces, TransferSettings settings) {}
