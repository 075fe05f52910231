package memfuse.persistence.store;

import static memfuse.protocol.testkit.FlushBuilder.EPOCH;
import static memfuse.protocol.testkit.FlushBuilder.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.Session;
import memfuse.protocol.knowledge.KnowledgeBounds;
import memfuse.protocol.knowledge.KnowledgeItem;
import memfuse.protocol.knowledge.SplitKnowledge;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.PageBySeq;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.testkit.LayerStoreFixture;
import memfuse.protocol.testkit.LayerStoreTestBase;
import memfuse.protocol.transfer.ImportSink;
import memfuse.protocol.transfer.ImportSource;
import memfuse.protocol.transfer.ImportStore.Import;
import memfuse.protocol.transfer.ImportStore.NoSuchUser;
import memfuse.protocol.transfer.ImportStore.Outcome;
import memfuse.protocol.transfer.ImportStore.Repeated;
import memfuse.protocol.transfer.ImportStore.Stored;
import memfuse.protocol.transfer.ImportStore.TooMuchKnowledge;
import memfuse.protocol.transfer.Imported;
import memfuse.protocol.transfer.ImportedKnowledge;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class PostgresImportStoreTest extends LayerStoreTestBase {
    private static final KnowledgeBounds WIDE = new KnowledgeBounds(100, 10_000);
    private static final Instant IMPORTED = Instant.parse("2026-02-03T04:05:06.000007Z");

    @RegisterExtension
    static final LayersDatabase POSTGRES = new LayersDatabase();

    private final PostgresImportStore imports =
            new PostgresImportStore(POSTGRES.dataSource(), new JsonSerializer(), LayersDatabase.MODEL);

    @Override
    protected LayerStoreFixture newFixture() {
        return POSTGRES.cleared();
    }

    private Outcome store(String userId, String fingerprint, ImportSource source) {
        return imports.store(new Import(userId, fingerprint, IMPORTED, WIDE), source);
    }

    private static Session newSession(String userId, String id, String name) {
        return new Session(id, userId, "file-agent", name, EPOCH, EPOCH.plusSeconds(1));
    }

    private static Optional<String> write(ImportSink sink, String sessionId, Message... messages) {
        return sink.messages(
                List.of(messages),
                Arrays.stream(messages)
                        .map(message -> new MemoryUnit(
                                new UnitKey(sessionId, message.seq(), 0), message, message.content(), 2, null))
                        .toList());
    }

    private static ImportedKnowledge known(String id, String content) {
        return new ImportedKnowledge(
                new SplitKnowledge(id, content, List.of(new SplitKnowledge.Piece(content, 3))),
                EPOCH,
                EPOCH.plusSeconds(5));
    }

    private static ImportSource oneSession(String userId, String sessionId) {
        return sink -> {
            sink.agent("file-agent", new Entity("new-agent", "helper", "helps", IMPORTED, IMPORTED));
            sink.session("file-session", newSession(userId, sessionId, "talk"));
            assertThat(write(sink, sessionId, message(1), message(4))).isEmpty();
            assertThat(write(sink, sessionId, message(7))).isEmpty();
            sink.knowledge(List.of(known("k", "likes tea")));
        };
    }

    private static Imported stored(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Stored.class);
        return ((Stored) outcome).imported();
    }

    @Test
    void storesEverythingAsAFinishedFlushWould() {
        user("u");

        Imported imported = stored(store("u", "f1", oneSession("u", "s")));

        assertThat(imported)
                .isEqualTo(new Imported(
                        IMPORTED, Map.of("file-session", "s"), Map.of("file-agent", "new-agent"), Map.of(), 3, 1));
        assertThat(directory().session("s"))
                .contains(new Session("s", "u", "new-agent", "talk", EPOCH, EPOCH.plusSeconds(1)));
        assertThat(store().inOrder("s", 9, List.of(), new PageBySeq(0, 9, 9_999)))
                .containsExactly(message(1), message(4), message(7));
        assertThat(store().dirtySessions("u")).isEmpty();
        assertThat(POSTGRES.rows("SELECT persistence_id, sequence_number, adapter_manifest FROM event_journal"))
                .containsExactly("session|s,1,flushed");
        assertThat(store().pendingUnits(9, Set.of())).hasSize(4);
        assertThat(POSTGRES.rows("SELECT session_id, user_id, next_seq, last_seq FROM fact_progress"))
                .containsExactly("s,u,1,7");
        assertThat(knowledge().list("u"))
                .containsExactly(new KnowledgeItem("k", 1, "likes tea", EPOCH, EPOCH.plusSeconds(5)));
    }

    @Test
    void goesOnWithASessionThatWasImported() {
        user("u");
        stored(store("u", "f1", oneSession("u", "s")));
        POSTGRES.journal("s", 2);
        store().flush(List.of(flushOf("u", "s").after(7).append(8).upTo(2).build()));

        assertThat(store().inOrder("s", 9, List.of(), new PageBySeq(4, 9, 9_999)))
                .containsExactly(message(7), message(8));
    }

    @Test
    void answersTheSameFileWithWhatWasStored() {
        user("u");
        user("v");
        Imported first = stored(store("u", "f1", oneSession("u", "s")));

        assertThat(imports.imported("u", "f1")).contains(first);
        assertThat(imports.imported("u", "f2")).isEmpty();
        assertThat(imports.imported("v", "f1")).isEmpty();
        assertThat(store("u", "f1", oneSession("u", "again"))).isEqualTo(new Repeated(first));
        assertThat(POSTGRES.rows("SELECT DISTINCT session_id FROM messages")).containsExactly("s");
        stored(store("v", "f1", oneSession("v", "t")));
    }

    @Test
    void findsAgentsByNameAndGivesWhatIsTakenAnotherNameOrId() {
        user("u");
        directory().create(EntityKind.AGENT, new Entity("old-agent", "helper", null, EPOCH, EPOCH));
        directory().createSession(new Session("s0", "u", "old-agent", "talk", EPOCH, EPOCH));
        knowledge().add("u", List.of(new SplitKnowledge("k", "mine", List.of())), EPOCH, WIDE);

        Imported imported = stored(store("u", "f1", oneSession("u", "s")));

        assertThat(imported.agentIds()).containsExactly(Map.entry("file-agent", "old-agent"));
        assertThat(directory().session("s").map(Session::name)).contains("talk (2)");
        assertThat(directory().session("s").map(Session::agentId)).contains("old-agent");
        assertThat(imported.knowledgeIds()).containsOnlyKeys("k");
        assertThat(knowledge().list("u"))
                .extracting(KnowledgeItem::number, KnowledgeItem::id, KnowledgeItem::content)
                .containsExactly(
                        tuple(1L, "k", "mine"),
                        tuple(2L, imported.knowledgeIds().get("k"), "likes tea"));
    }

    @Test
    void keepsTheIdOfAnAgentThatTheFileDoesNotTellOf() {
        user("u");
        stored(store("u", "f1", sink -> sink.session("x", newSession("u", "s", "talk"))));

        assertThat(directory().session("s").map(Session::agentId)).contains("file-agent");
    }

    @Test
    void tellsOfAMessageIdThatTheSessionHas() {
        user("u");
        store("u", "f1", sink -> {
            sink.session("x", newSession("u", "s", "talk"));
            assertThat(write(sink, "s", message(1), message(2))).isEmpty();
            assertThat(write(sink, "s", message(3), sameId(4, 2))).contains("m2");
            assertThat(write(sink, "s", sameId(5, 6), message(6))).contains("m6");
            sink.session("y", newSession("u", "t", "other"));
            assertThat(write(sink, "t", message(1))).as("in another session").isEmpty();
        });
    }

    private static Message sameId(long seq, long asThatOf) {
        Message other = message(asThatOf);
        return new Message(other.id(), seq, other.role(), null, "other", other.createdAt(), other.updatedAt(), null, 1);
    }

    @Test
    void storesNothingWhereTheSourceThrows() {
        user("u");
        assertThatThrownBy(() -> store("u", "f1", sink -> {
                    oneSession("u", "s").writeTo(sink);
                    throw new IllegalArgumentException("a bad line");
                }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a bad line");
        assertNothingOf("u");
    }

    @Test
    void storesNothingOfTooMuchKnowledge() {
        user("u");
        Outcome outcome = imports.store(new Import("u", "f1", IMPORTED, new KnowledgeBounds(1, 10_000)), sink -> {
            oneSession("u", "s").writeTo(sink);
            sink.knowledge(List.of(known("k2", "and cake")));
            sink.knowledge(List.of(known("k3", "and jam")));
        });
        assertThat(outcome).isEqualTo(new TooMuchKnowledge(2, 17));
        assertNothingOf("u");
        outcome = imports.store(new Import("u", "f1", IMPORTED, new KnowledgeBounds(9, 8)), oneSession("u", "s"));
        assertThat(outcome).isEqualTo(new TooMuchKnowledge(1, 9));
        assertNothingOf("u");
    }

    @Test
    void storesNothingForAUserWhoIsNotThere() {
        assertThat(store("nobody", "f1", oneSession("nobody", "s"))).isEqualTo(new NoSuchUser());
        assertThat(store("nobody", "f1", sink -> sink.session("x", newSession("nobody", "s", "talk"))))
                .isEqualTo(new NoSuchUser());
        assertNothingOf("nobody");
    }

    @Test
    void storesAFileOnceHoweverOftenItComesAtATime() {
        user("u");
        List<CompletableFuture<Outcome>> all = IntStream.range(0, 4)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> store("u", "f1", oneSession("u", "s" + i))))
                .toList();
        assertThat(all.stream().map(CompletableFuture::join).filter(Stored.class::isInstance))
                .hasSize(1);
        assertThat(POSTGRES.rows("SELECT count(*) FROM sessions")).containsExactly("1");
        assertThat(POSTGRES.rows("SELECT count(*) FROM messages")).containsExactly("3");
    }

    @Test
    void leavesNothingWhereTheUserIsErasedMeanwhile() throws SQLException {
        user("u");
        try (Connection eraser = POSTGRES.dataSource().getConnection();
                Statement statement = eraser.createStatement()) {
            eraser.setAutoCommit(false);
            statement.execute("SELECT FROM users WHERE id = 'u' FOR UPDATE");
            CompletableFuture<Outcome> importing =
                    CompletableFuture.supplyAsync(() -> store("u", "f1", oneSession("u", "s")));
            while (POSTGRES.rows("SELECT 1 FROM pg_locks WHERE NOT granted").isEmpty()) {
                Thread.onSpinWait();
            }
            statement.execute("DELETE FROM users WHERE id = 'u'");
            eraser.commit();
            assertThat(importing.join()).isEqualTo(new NoSuchUser());
        }
        assertNothingOf("u");
    }

    @Test
    void isErasedWithItsUserAndCounted() {
        user("u");
        stored(store("u", "f1", oneSession("u", "s")));
        store().eraseUser("u");

        assertNothingOf("u");
        assertThat(directory().erasure("u").orElseThrow().counts())
                .containsEntry("imports", 1L)
                .containsEntry("m0", 3L)
                .containsEntry("m1", 3L)
                .containsEntry("journal", 1L);
    }

    private static void assertNothingOf(String userId) {
        for (String table : List.of("sessions", "knowledge", "knowledge_units", "memory_units", "imports")) {
            assertThat(POSTGRES.rows("SELECT user_id FROM " + table + " WHERE user_id = '" + userId + "'"))
                    .as(table)
                    .isEmpty();
        }
        assertThat(POSTGRES.rows("SELECT seq FROM messages")).isEmpty();
        assertThat(POSTGRES.rows("SELECT persistence_id FROM event_journal")).isEmpty();
    }
}
