package memfuse.protocol.testkit;

import memfuse.protocol.auth.KeyStore;
import memfuse.protocol.directory.Directory;
import memfuse.protocol.store.LayerStore;

final class InMemoryKeyStoreTest extends KeyStoreContract {
    private final InMemoryDirectory directory = new InMemoryDirectory();
    private final InMemoryKeyStore keys = new InMemoryKeyStore(directory);
    private final InMemoryLayerStore layers = new InMemoryLayerStore(directory, true);

    @Override
    protected KeyStore keys() {
        return keys;
    }

    @Override
    protected Directory directory() {
        return directory;
    }

    @Override
    protected LayerStore layers() {
        return layers;
    }
}
