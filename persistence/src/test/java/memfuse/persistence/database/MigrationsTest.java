package memfuse.persistence.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import memfuse.persistence.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MigrationsTest {

    private final TestDatabase postgres = TestDatabase.empty();

    @TempDir
    Path scripts;

    @AfterEach
    void dropDatabase() throws SQLException {
        postgres.close();
    }

    @Test
    void appliesEachScriptOnce() throws SQLException {
        DatabaseSettings settings = postgres.settings();
        assertThat(Migrations.run(settings)).isPositive();
        assertThat(Migrations.run(settings)).isZero();
        assertThat(tableExists(settings, "public.event_journal")).isTrue();
    }

    @Test
    void putsEverythingIntoTheSchemaThatIsSet() throws SQLException {
        DatabaseSettings settings = postgres.settings().withSchema("memory");
        Migrations.run(settings);
        assertThat(tableExists(settings, "memory.event_journal")).isTrue();
        assertThat(tableExists(settings, "public.event_journal")).isFalse();
        assertThat(tableExists(settings, "event_journal")).isTrue();
    }

    @Test
    void letsNodesThatStartTogetherTakeTurns() throws Exception {
        ExecutorService nodes = Executors.newFixedThreadPool(3);
        try {
            List<Callable<Integer>> starts = Collections.nCopies(3, () -> Migrations.run(postgres.settings()));
            int applied = 0;
            for (Future<Integer> start : nodes.invokeAll(starts)) {
                applied += start.get();
            }
            assertThat(applied).isPositive();
            assertThat(Migrations.run(postgres.settings())).isZero();
        } finally {
            nodes.shutdownNow();
        }
    }

    @Test
    void refusesASchemaThatIsNewerThanTheProgram() throws IOException {
        script("V1__one.sql", "CREATE TABLE one (id BIGINT)");
        Path second = script("V2__two.sql", "CREATE TABLE two (id BIGINT)");
        assertThat(Migrations.run(postgres.settings(), location())).isEqualTo(2);
        Files.delete(second);

        assertThatThrownBy(() -> Migrations.run(postgres.settings(), location()))
                .isInstanceOf(DatabaseException.class)
                .hasMessageContaining("newer than this program")
                .hasMessageContaining("2 (two)");
    }

    @Test
    void namesTheFailureOfAScriptAndLeavesNothingOfIt() throws IOException, SQLException {
        script("V1__one.sql", "CREATE TABLE one (id BIGINT); CREATE TABLE two (id NONSENSE)");
        assertThatThrownBy(() -> Migrations.run(postgres.settings(), location()))
                .isInstanceOf(DatabaseException.class)
                .hasMessageContaining("type \"nonsense\" does not exist");
        assertThat(tableExists(postgres.settings(), "one")).isFalse();
    }

    @Test
    void refusesAnAppliedScriptThatWasChanged() throws IOException {
        script("V1__one.sql", "CREATE TABLE one (id BIGINT)");
        Migrations.run(postgres.settings(), location());
        script("V1__one.sql", "CREATE TABLE one (id INTEGER)");

        assertThatThrownBy(() -> Migrations.run(postgres.settings(), location()))
                .isInstanceOf(DatabaseException.class)
                .hasMessageContaining("checksum mismatch");
    }

    @Test
    void namesADatabaseThatCannotBeReached() {
        DatabaseSettings settings = postgres.settings();
        DatabaseSettings wrong = DatabaseSettings.of(settings.jdbcUrl(), settings.user(), "wrong");
        assertThatThrownBy(() -> Migrations.run(wrong))
                .isInstanceOf(DatabaseException.class)
                .hasMessageContaining(settings.jdbcUrl())
                .hasMessageContaining("password authentication failed");
    }

    private Path script(String name, String sql) throws IOException {
        return Files.writeString(scripts.resolve(name), sql);
    }

    private String location() {
        return "filesystem:" + scripts;
    }

    private static boolean tableExists(DatabaseSettings settings, String table) throws SQLException {
        try (Database database = Database.open(settings.withPoolSizes(1, 1));
                Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT to_regclass('" + table + "') IS NOT NULL")) {
            row.next();
            return row.getBoolean(1);
        }
    }
}
