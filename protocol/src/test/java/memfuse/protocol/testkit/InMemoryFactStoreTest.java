package memfuse.protocol.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import memfuse.protocol.store.StoreException;
import org.junit.jupiter.api.Test;

final class InMemoryFactStoreTest extends FactStoreContract {
    private final InMemoryFixture fixture = InMemoryFixture.create();

    @Override
    protected LayerStoreFixture newFixture() {
        return fixture;
    }

    @Test
    void failsACallWithoutDoingIt() {
        fixture.facts().failNext(1);

        assertThatThrownBy(() -> facts().firstWaiting("s")).isInstanceOf(StoreException.class);
        assertThat(facts().firstWaiting("s")).isEmpty();
    }
}
