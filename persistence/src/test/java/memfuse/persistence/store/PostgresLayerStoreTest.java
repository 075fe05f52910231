package memfuse.persistence.store;

import memfuse.protocol.testkit.LayerStoreContract;
import memfuse.protocol.testkit.LayerStoreFixture;
import org.junit.jupiter.api.extension.RegisterExtension;

final class PostgresLayerStoreTest extends LayerStoreContract {
    @RegisterExtension
    static final LayersDatabase POSTGRES = new LayersDatabase();

    @Override
    protected LayerStoreFixture newFixture() {
        return POSTGRES.cleared();
    }
}
