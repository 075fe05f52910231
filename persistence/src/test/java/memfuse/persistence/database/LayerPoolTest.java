package memfuse.persistence.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import memfuse.persistence.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class LayerPoolTest {
    @RegisterExtension
    static final TestDatabase POSTGRES = TestDatabase.empty();

    /** Short before the largest, so that it overflows meanwhile. */
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 100);

    private final LayerPool pool = new LayerPool(new HikariDataSource(config()), nanos::get);

    private static HikariConfig config() {
        HikariConfig config = new HikariConfig();
        config.setPoolName("pool");
        config.setJdbcUrl(POSTGRES.settings().jdbcUrl());
        config.setUsername(POSTGRES.settings().user());
        config.setPassword(POSTGRES.settings().password());
        config.setMaximumPoolSize(1);
        config.setConnectionTimeout(250);
        return config;
    }

    @AfterEach
    void closePool() {
        pool.close();
    }

    @Test
    void refusesAtOnceForAWhileAfterSomebodyHasWaitedInVain() throws SQLException {
        try (Connection taken = pool.getConnection()) {
            assertThat(taken.isValid(5)).isTrue();
            assertRefusedAfterAWait();
            assertRefusedAtOnce();
            nanos.addAndGet(LayerPool.REFUSALS.toNanos() - 1);
            assertRefusedAtOnce();
            nanos.addAndGet(1);
            assertRefusedAfterAWait();
            assertThat(pool.state()).isEqualTo(new PoolState(1, 0, 0, 4));
        }
    }

    @Test
    void givesWhatIsIdleAtAnyTime() throws SQLException {
        try (Connection taken = pool.getConnection()) {
            assertThat(taken.isValid(5)).isTrue();
            assertRefusedAfterAWait();
        }
        try (Connection given = pool.getConnection()) {
            assertThat(given.isValid(5)).isTrue();
            assertRefusedAfterAWait();
        }
    }

    @Test
    void hasTheServerEndAStatementBeforeTheDriverGivesTheConnectionUp() throws SQLException {
        DatabaseSettings settings =
                POSTGRES.settings().withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofHours(1));
        try (Database database = Database.open(settings);
                Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW statement_timeout")) {
            row.next();
            assertThat(row.getString(1)).isEqualTo("25s");
        }
    }

    private void assertRefusedAfterAWait() {
        assertThatThrownBy(pool::getConnection)
                .isInstanceOf(SQLTransientConnectionException.class)
                .hasMessageContaining("timed out");
    }

    private void assertRefusedAtOnce() {
        assertThatThrownBy(pool::getConnection)
                .isInstanceOf(SQLTransientConnectionException.class)
                .hasMessage("pool has no connection to give");
    }
}
