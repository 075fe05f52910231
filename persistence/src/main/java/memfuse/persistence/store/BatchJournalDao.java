package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import memfuse.protocol.store.StoreException;
import org.apache.pekko.persistence.jdbc.config.JournalConfig;
import org.apache.pekko.persistence.jdbc.journal.dao.DefaultJournalDao;
import org.apache.pekko.persistence.jdbc.journal.dao.JournalTables.JournalPekkoSerializationRow;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.stream.Materializer;
import scala.Tuple2;
import scala.collection.immutable.Seq;
import scala.collection.immutable.Set;
import scala.concurrent.ExecutionContext;
import scala.concurrent.Future;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;
import slick.dbio.DBIOAction;
import slick.jdbc.JdbcBackend.JdbcDatabaseDef;
import slick.jdbc.JdbcProfile;
import slick.jdbc.SimpleJdbcAction;

/**
 * The journal plugin's way to its table: the library's own, but for the writes. A batch of events is one statement, the
 * same for batches of all sizes, which a connection plans once, and one transaction without a further round trip. The
 * library's has twelve parameters an event and is parsed and planned anew each time.
 *
 * <p>Made by the plugin, which knows it from {@code reference.conf}. Events have neither tags nor metadata here.
 */
public final class BatchJournalDao extends DefaultJournalDao {
    private static final String INSERT = """
            INSERT INTO event_journal (
                persistence_id, sequence_number, writer, write_timestamp, adapter_manifest, event_ser_id,
                event_ser_manifest, event_payload)
            SELECT * FROM unnest(
                ?::text[], ?::bigint[], ?::text[], ?::bigint[], ?::text[], ?::int[], ?::text[], ?::bytea[])""";

    /** As the plugin makes it. */
    public BatchJournalDao(
            JdbcDatabaseDef database,
            JdbcProfile profile,
            JournalConfig config,
            Serialization serialization,
            ExecutionContext executionContext,
            Materializer materializer) {
        super(database, profile, config, serialization, executionContext, materializer);
    }

    /** Writes all rows or none; fails where the table has a row of the same session with the same or a later number. */
    @Override
    public Future<BoxedUnit> writeJournalRows(Seq<Tuple2<JournalPekkoSerializationRow, Set<String>>> rows) {
        List<JournalPekkoSerializationRow> events =
                CollectionConverters.asJava(rows).stream().map(Tuple2::_1).toList();
        return inDatabase(connection -> insert(connection, events));
    }

    private static void insert(Connection connection, List<JournalPekkoSerializationRow> events) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
            new RowArrays<>(statement, events)
                    .texts(JournalPekkoSerializationRow::persistenceId)
                    .int64s(JournalPekkoSerializationRow::sequenceNumber)
                    .texts(JournalPekkoSerializationRow::writer)
                    .int64s(JournalPekkoSerializationRow::writeTimestamp)
                    .texts(JournalPekkoSerializationRow::adapterManifest)
                    .int32s(JournalPekkoSerializationRow::eventSerId)
                    .texts(JournalPekkoSerializationRow::eventSerManifest)
                    .bytes(JournalPekkoSerializationRow::eventPayload);
            statement.executeUpdate();
        }
    }

    private interface Work {
        void on(Connection connection) throws SQLException;
    }

    /** Runs work on a thread and a connection of the journal's pool. Java cannot name the effects that Slick asks for. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    private Future<BoxedUnit> inDatabase(Work work) {
        return db().run((DBIOAction) new SimpleJdbcAction<>(context -> {
            try {
                work.on(context.connection());
                return BoxedUnit.UNIT;
            } catch (SQLException e) {
                throw new StoreException("cannot write the journal [" + e.getSQLState() + "]", e);
            }
        }));
    }
}
