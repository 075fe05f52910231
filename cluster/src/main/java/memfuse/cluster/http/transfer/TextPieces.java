package memfuse.cluster.http.transfer;

import java.util.List;
import memfuse.protocol.knowledge.SplitKnowledge.Piece;

/** Cuts a text into the pieces that it is searched by, the same for the same text. */
@FunctionalInterface
public interface TextPieces {
    /**
     * The pieces, at least one.
     *
     * @param tokens tokens of the text
     */
    List<Piece> of(String text, int tokens);
}
