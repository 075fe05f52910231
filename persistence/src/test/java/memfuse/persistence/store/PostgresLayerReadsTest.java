package memfuse.persistence.store;

import memfuse.protocol.testkit.LayerReadsContract;
import memfuse.protocol.testkit.LayerStoreFixture;
import org.junit.jupiter.api.extension.RegisterExtension;

final class PostgresLayerReadsTest extends LayerReadsContract {
    @RegisterExtension
    static final LayersDatabase POSTGRES = new LayersDatabase();

    @Override
    protected LayerStoreFixture newFixture() {
        return POSTGRES.cleared();
    }
}
