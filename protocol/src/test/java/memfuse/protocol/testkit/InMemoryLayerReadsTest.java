package memfuse.protocol.testkit;

final class InMemoryLayerReadsTest extends LayerReadsContract {
    @Override
    protected LayerStoreFixture newFixture() {
        return InMemoryFixture.create();
    }
}
