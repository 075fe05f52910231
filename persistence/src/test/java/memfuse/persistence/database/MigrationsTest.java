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
        try (Database database = Database.open(postgres.settings())) {
            assertThat(Migrations.run(database)).isPositive();
            assertThat(Migrations.run(database)).isZero();
            assertThat(tableExists(database, "public.event_journal")).isTrue();
        }
    }

    @Test
    void putsEverythingIntoTheSchemaThatIsSet() throws SQLException {
        try (Database database = Database.open(postgres.settings().withSchema("memory"))) {
            Migrations.run(database);
            assertThat(tableExists(database, "memory.event_journal")).isTrue();
            assertThat(tableExists(database, "public.event_journal")).isFalse();
            assertThat(tableExists(database, "event_journal")).isTrue();
        }
    }

    @Test
    void refusesASchemaThatIsNewerThanTheProgram() throws IOException {
        script("V1__one.sql", "CREATE TABLE one (id BIGINT)");
        Path second = script("V2__two.sql", "CREATE TABLE two (id BIGINT)");
        try (Database database = Database.open(postgres.settings())) {
            assertThat(Migrations.run(database, location())).isEqualTo(2);
            Files.delete(second);

            assertThatThrownBy(() -> Migrations.run(database, location()))
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("newer than this program")
                    .hasMessageContaining("2 (two)");
        }
    }

    @Test
    void namesTheFailureOfAScriptAndLeavesNothingOfIt() throws IOException, SQLException {
        script("V1__one.sql", "CREATE TABLE one (id BIGINT); CREATE TABLE two (id NONSENSE)");
        try (Database database = Database.open(postgres.settings())) {
            assertThatThrownBy(() -> Migrations.run(database, location()))
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("type \"nonsense\" does not exist");
            assertThat(tableExists(database, "one")).isFalse();
        }
    }

    @Test
    void refusesAnAppliedScriptThatWasChanged() throws IOException {
        script("V1__one.sql", "CREATE TABLE one (id BIGINT)");
        try (Database database = Database.open(postgres.settings())) {
            Migrations.run(database, location());
            script("V1__one.sql", "CREATE TABLE one (id INTEGER)");

            assertThatThrownBy(() -> Migrations.run(database, location()))
                    .isInstanceOf(DatabaseException.class)
                    .hasMessageContaining("checksum mismatch");
        }
    }

    private Path script(String name, String sql) throws IOException {
        return Files.writeString(scripts.resolve(name), sql);
    }

    private String location() {
        return "filesystem:" + scripts;
    }

    private static boolean tableExists(Database database, String table) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT to_regclass('" + table + "') IS NOT NULL")) {
            row.next();
            return row.getBoolean(1);
        }
    }
}
