package memfuse.persistence.store;

import memfuse.protocol.auth.KeyStore;
import memfuse.protocol.directory.Directory;
import memfuse.protocol.store.LayerStore;
import memfuse.protocol.testkit.KeyStoreContract;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

final class PostgresKeyStoreTest extends KeyStoreContract {
    @RegisterExtension
    static final LayersDatabase POSTGRES = new LayersDatabase();

    @BeforeEach
    @Override
    protected void createUsers() {
        POSTGRES.cleared();
        super.createUsers();
    }

    @Override
    protected KeyStore keys() {
        return POSTGRES.keys();
    }

    @Override
    protected Directory directory() {
        return POSTGRES.directory();
    }

    @Override
    protected LayerStore layers() {
        return POSTGRES.store();
    }
}
