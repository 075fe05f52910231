package memfuse.protocol.testkit;

import memfuse.protocol.directory.Directory;

final class InMemoryDirectoryTest extends DirectoryContract {
    private final InMemoryDirectory directory = new InMemoryDirectory();

    @Override
    protected Directory directory() {
        return directory;
    }
}
