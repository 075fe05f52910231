package memfuse.persistence.store;

import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;
import memfuse.protocol.transfer.ImportSource;
import memfuse.protocol.transfer.ImportStore;
import memfuse.protocol.transfer.Imported;
import org.jspecify.annotations.Nullable;

/** Imports into PostgreSQL; thread-safe, each call on a connection of its own. */
public final class PostgresImportStore implements ImportStore {
    private final Transactions transactions;
    private final JournalSerializer serializer;
    private final @Nullable String embeddingModel;

    /** @param embeddingModel the name of the model that makes the vectors, or null where there is none */
    public PostgresImportStore(DataSource dataSource, JournalSerializer serializer, @Nullable String embeddingModel) {
        this(dataSource, serializer, embeddingModel, Transactions.AS_CONNECTED);
    }

    /** @param statementTimeout the longest that a writing statement may take, its wait for locks included */
    public PostgresImportStore(
            DataSource dataSource,
            JournalSerializer serializer,
            @Nullable String embeddingModel,
            Duration statementTimeout) {
        transactions = new Transactions(dataSource, statementTimeout);
        this.serializer = serializer;
        this.embeddingModel = embeddingModel;
    }

    @Override
    public Optional<Imported> imported(String userId, String fingerprint) {
        return transactions.each(
                "looking for an import",
                connection -> new ImportRows(connection, serializer).find(userId, fingerprint));
    }

    @Override
    public Outcome store(Import request, ImportSource source) {
        return transactions.together("importing", connection -> {
            ImportTransaction transaction = new ImportTransaction(connection, serializer, embeddingModel, request);
            try {
                source.writeTo(transaction);
            } catch (ImportTransaction.Failed e) {
                throw e.cause();
            }
            return transaction.finish();
        });
    }
}
