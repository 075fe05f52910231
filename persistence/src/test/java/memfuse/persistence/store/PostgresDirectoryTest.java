package memfuse.persistence.store;

import memfuse.protocol.directory.Directory;
import memfuse.protocol.testkit.DirectoryContract;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

final class PostgresDirectoryTest extends DirectoryContract {
    @RegisterExtension
    static final LayersDatabase POSTGRES = new LayersDatabase();

    @BeforeEach
    void startEmpty() {
        POSTGRES.cleared();
    }

    @Override
    protected Directory directory() {
        return POSTGRES.directory();
    }
}
