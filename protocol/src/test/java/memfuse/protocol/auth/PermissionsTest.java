package memfuse.protocol.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PermissionsTest {
    @Test
    void coverWhatTheyContain() {
        Map<Permissions, List<Permissions>> covered = Map.of(
                Permissions.NONE, List.of(Permissions.NONE),
                Permissions.READ, List.of(Permissions.NONE, Permissions.READ),
                Permissions.WRITE, List.of(Permissions.NONE, Permissions.WRITE),
                Permissions.READ_WRITE,
                        List.of(Permissions.NONE, Permissions.READ, Permissions.WRITE, Permissions.READ_WRITE),
                Permissions.ADMIN,
                        List.of(
                                Permissions.NONE,
                                Permissions.READ,
                                Permissions.WRITE,
                                Permissions.READ_WRITE,
                                Permissions.ADMIN));
        covered.forEach((permissions, contained) -> covered.keySet()
                .forEach(others -> assertThat(permissions.cover(others))
                        .as("%s cover %s", permissions, others)
                        .isEqualTo(contained.contains(others))));
    }

    @Test
    void includeReadingAndWritingInAdministration() {
        assertThat(new Permissions(false, false, true)).isEqualTo(Permissions.ADMIN);
    }
}
