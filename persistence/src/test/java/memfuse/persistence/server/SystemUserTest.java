package memfuse.persistence.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SystemUserTest {

    @Test
    void readsTheLinesOfThePasswordFile() {
        assertThat(SystemUser.parse("nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin"))
                .contains(new SystemUser("nobody", 65534, 65533));
        assertThat(SystemUser.parse("nobody:*:-2:-2:Unprivileged User:/var/empty:/usr/bin/false"))
                .contains(new SystemUser("nobody", -2, -2));
    }

    @Test
    void skipsLinesThatAreNoUsers() {
        assertThat(SystemUser.parse("")).isEmpty();
        assertThat(SystemUser.parse("# comment")).isEmpty();
        assertThat(SystemUser.parse("+::::::")).isEmpty();
        assertThat(SystemUser.parse("broken:x:many:1:::")).isEmpty();
    }
}
