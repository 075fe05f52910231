package memfuse.persistence.store;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import javax.sql.DataSource;
import memfuse.protocol.facts.ExtractedFact;
import memfuse.protocol.facts.Fact;
import memfuse.protocol.facts.FactBatch;
import memfuse.protocol.facts.FactQuery;
import memfuse.protocol.facts.FactStore;

/** M2 in PostgreSQL; thread-safe, each call on a connection of its own. */
public final class PostgresFactStore implements FactStore {
    private final Transactions transactions;

    public PostgresFactStore(DataSource dataSource) {
        this(dataSource, Transactions.AS_CONNECTED);
    }

    /** @param statementTimeout the longest that a writing statement may take, its wait for locks included */
    public PostgresFactStore(DataSource dataSource, Duration statementTimeout) {
        transactions = new Transactions(dataSource, statementTimeout);
    }

    @Override
    public List<FactBatch> waiting(int sessions, int messages, int tokens, Set<String> except) {
        return transactions.each(
                "looking for messages that wait for facts",
                connection -> new FactReads(connection).waiting(sessions, messages, tokens, except));
    }

    @Override
    public void store(FactBatch batch, List<ExtractedFact> facts, String extractor) {
        transactions.together("storing " + facts.size() + " facts", connection -> {
            new FactTransaction(connection, batch).run(facts, extractor);
            return batch;
        });
    }

    @Override
    public OptionalLong firstWaiting(String sessionId) {
        return transactions.each(
                "looking how far facts have come", connection -> new FactReads(connection).firstWaiting(sessionId));
    }

    @Override
    public List<Fact> facts(String userId, FactQuery query) {
        return transactions.each("reading facts", connection -> new FactReads(connection).facts(userId, query));
    }
}
