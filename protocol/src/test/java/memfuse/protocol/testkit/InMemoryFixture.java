package memfuse.protocol.testkit;

/** The fakes under their own contracts. */
record InMemoryFixture(InMemoryDirectory directory, InMemoryLayerStore store) implements LayerStoreFixture {
    static InMemoryFixture create() {
        InMemoryDirectory directory = new InMemoryDirectory();
        return new InMemoryFixture(directory, new InMemoryLayerStore(directory, true));
    }

    @Override
    public InMemoryKnowledgeStore knowledge() {
        return store.knowledge();
    }

    @Override
    public InMemoryFactStore facts() {
        return store.facts();
    }

    @Override
    public void journal(String sessionId, long journalSeq) {
        store.journaled(sessionId, journalSeq);
    }
}
