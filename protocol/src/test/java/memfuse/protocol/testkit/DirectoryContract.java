package memfuse.protocol.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import memfuse.protocol.directory.Directory;
import memfuse.protocol.directory.Directory.Updated;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.Session;
import memfuse.protocol.store.StoreException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every {@link Directory} keeps. */
public abstract class DirectoryContract {
    private static final Instant T0 = Instant.parse("2026-01-02T03:04:05.123456Z");
    private static final String ANY_TEXT = "o'neil \"\\ {,} & \t Ünïcødé 漢字 \uE000 😀 \uD83D\uDC69\u200D\uD83D\uDE80";

    /** An empty directory; the same one within a test. */
    protected abstract Directory directory();

    @ParameterizedTest
    @EnumSource
    void findsAnEntityByIdAndByName(EntityKind kind) {
        Entity entity = entity(ANY_TEXT, "name of " + ANY_TEXT, T0);
        assertThat(directory().create(kind, entity)).isTrue();

        assertThat(directory().find(kind, entity.id())).contains(entity);
        assertThat(directory().findByName(kind, entity.name())).contains(entity);
        assertThat(directory().find(kind, "o'neil")).isEmpty();
        assertThat(directory().findByName(kind, entity.id())).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void keepsADescriptionAndItsAbsence(EntityKind kind) {
        Entity described = new Entity("a", "a", "", T0, T0);
        Entity bare = new Entity("b", "b", null, T0, T0);
        directory().create(kind, described);
        directory().create(kind, bare);

        assertThat(directory().list(kind)).containsExactly(described, bare);
    }

    @ParameterizedTest
    @EnumSource
    void tellsHowMuchAListIs(EntityKind kind) {
        assertThat(directory().listBytes(kind)).isZero();
        directory().create(kind, new Entity("a", "Zo\u00eb", "four", T0, T0));
        directory().create(kind, new Entity("b", "b", null, T0, T0));

        assertThat(directory().listBytes(kind)).isEqualTo(2 * Directory.OVERHEAD_BYTES + 4 + 4 + 1);
    }

    @ParameterizedTest
    @EnumSource
    void listsByCreationAndThenById(EntityKind kind) {
        Entity late = entity("a", "late", T0.plus(1, ChronoUnit.MICROS));
        Entity second = entity("c", "second", T0);
        Entity first = entity("b", "first", T0);
        directory().create(kind, late);
        directory().create(kind, second);
        directory().create(kind, first);

        assertThat(directory().list(kind)).containsExactly(first, second, late);
    }

    @Test
    void keepsUsersAndAgentsApart() {
        Entity entity = entity("x", "x", T0);
        assertThat(directory().create(EntityKind.USER, entity)).isTrue();

        assertThat(directory().list(EntityKind.AGENT)).isEmpty();
        assertThat(directory().create(EntityKind.AGENT, entity)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void refusesATakenNameAndKeepsTheFirst(EntityKind kind) {
        Entity first = entity("a", "name", T0);
        directory().create(kind, first);

        assertThat(directory().create(kind, entity("b", "name", T0))).isFalse();
        assertThat(directory().list(kind)).containsExactly(first);
        assertThat(directory().create(kind, entity("b", "Name", T0))).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void saysYesAgainToARepeatedCreation(EntityKind kind) {
        Entity entity = entity("a", "name", T0);
        directory().create(kind, entity);

        assertThat(directory().create(kind, entity)).isTrue();
        assertThat(directory().create(kind, entity("a", "other", T0))).isFalse();
        assertThat(directory().list(kind)).containsExactly(entity);
    }

    @ParameterizedTest
    @EnumSource
    void changesOnlyWhatIsGiven(EntityKind kind) {
        directory().create(kind, new Entity("a", "old", "text", T0, T0));
        Instant later = T0.plusSeconds(1);

        assertThat(directory().update(kind, "a", "new", null, later))
                .isEqualTo(Updated.done(new Entity("a", "new", "text", T0, later)));
        assertThat(directory().update(kind, "a", null, "other", later))
                .isEqualTo(Updated.done(new Entity("a", "new", "other", T0, later)));
        assertThat(directory().update(kind, "a", "new", null, later).outcome()).isEqualTo(Updated.Outcome.DONE);
        assertThat(directory().findByName(kind, "old")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void refusesToRenameOntoATakenName(EntityKind kind) {
        Entity other = entity("b", "b", T0);
        directory().create(kind, entity("a", "a", T0));
        directory().create(kind, other);

        assertThat(directory().update(kind, "b", "a", "changed", T0)).isEqualTo(Updated.nameTaken());
        assertThat(directory().find(kind, "b")).contains(other);
        assertThat(directory().update(kind, "gone", "c", null, T0)).isEqualTo(Updated.notFound());
    }

    @Test
    void deletesAnAgentAndKeepsItsSessions() {
        user("u");
        directory().create(EntityKind.AGENT, entity("g", "g", T0));
        Session session = session("s", "u", "g", "talk", T0);
        directory().createSession(session);

        assertThat(directory().deleteAgent("g")).isTrue();
        assertThat(directory().deleteAgent("g")).isFalse();
        assertThat(directory().find(EntityKind.AGENT, "g")).isEmpty();
        assertThat(directory().session("s")).contains(session);
    }

    @Test
    void filtersSessionsByUserAgentAndName() {
        user("u");
        user("v");
        Session one = session("1", "u", "g", "talk", T0);
        Session two = session("2", "u", "h", "walk", T0);
        Session three = session("3", "v", "g", "talk", T0);
        for (Session session : new Session[] {three, two, one}) {
            assertThat(directory().createSession(session)).isTrue();
        }

        assertSessions(null, null, null, one, two, three);
        assertSessions("u", null, null, one, two);
        assertSessions(null, "g", null, one, three);
        assertSessions(null, null, "talk", one, three);
        assertSessions("u", "g", "talk", one);
        assertSessions("u", "g", "walk");
    }

    private void assertSessions(
            @Nullable String userId, @Nullable String agentId, @Nullable String name, Session... expected) {
        assertThat(directory().sessions(userId, agentId, name)).containsExactly(expected);
        assertThat(directory().sessionsBytes(userId, agentId, name))
                .isEqualTo(Arrays.stream(expected)
                        .mapToLong(session ->
                                Directory.OVERHEAD_BYTES + session.name().length())
                        .sum());
    }

    @Test
    void listsSessionsByCreationAndThenById() {
        user("u");
        Session late = session("a", "u", "g", "late", T0.plus(1, ChronoUnit.MICROS));
        Session second = session("c", "u", "g", "second", T0);
        Session first = session("b", "u", "g", "first", T0);
        directory().createSession(late);
        directory().createSession(second);
        directory().createSession(first);

        assertThat(directory().sessions("u", null, null)).containsExactly(first, second, late);
    }

    @Test
    void keepsSessionNamesUniqueWithinAUser() {
        user("u");
        user("v");
        Session first = session("1", "u", "g", "talk", T0);
        assertThat(directory().createSession(first)).isTrue();

        assertThat(directory().createSession(session("2", "u", "h", "talk", T0)))
                .isFalse();
        assertThat(directory().createSession(session("3", "v", "g", "talk", T0)))
                .isTrue();
        assertThat(directory().createSession(first)).isTrue();
        assertThat(directory().sessions("u", null, null)).containsExactly(first);
    }

    @Test
    void refusesASessionOfAnUnknownUser() {
        assertThatThrownBy(() -> directory().createSession(session("1", "nobody", "g", "talk", T0)))
                .isInstanceOf(StoreException.class);
        assertThat(directory().session("1")).isEmpty();
    }

    @Test
    void renamesASession() {
        user("u");
        directory().createSession(session("1", "u", "g", "talk", T0));
        directory().createSession(session("2", "u", "g", "walk", T0));
        Instant later = T0.plusSeconds(1);

        assertThat(directory().renameSession("1", "chat", later))
                .isEqualTo(Updated.done(new Session("1", "u", "g", "chat", T0, later)));
        assertThat(directory().renameSession("2", "chat", later)).isEqualTo(Updated.nameTaken());
        assertThat(directory().renameSession("3", "chat", later)).isEqualTo(Updated.notFound());
    }

    private void user(String id) {
        directory().create(EntityKind.USER, entity(id, id, T0));
    }

    private static Entity entity(String id, String name, Instant createdAt) {
        return new Entity(id, name, null, createdAt, createdAt);
    }

    private static Session session(String id, String userId, String agentId, String name, Instant createdAt) {
        return new Session(id, userId, agentId, name, createdAt, createdAt);
    }
}
