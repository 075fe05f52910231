package memfuse.cluster.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import memfuse.cluster.settings.BuildInfo;
import memfuse.cluster.sharding.StoredSamples.Stored;
import memfuse.persistence.store.SerializedEvent;
import memfuse.protocol.CborSerializable;
import memfuse.protocol.session.SessionProtocol;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializer;
import org.apache.pekko.serialization.Serializers;
import org.apache.pekko.serialization.jackson.JacksonObjectMapperProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Nodes of two versions understand each other, and what is stored is read for ever: for all that crosses the wire or is
 * stored as CBOR there are the bytes that an earlier version wrote. They are read as they were meant, and what is written
 * now holds everything in them under the same names.
 *
 * <p>With {@code -Dmemfuse.wire.record=true} samples that are not stored yet are added to those of this version.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WireSamplesTest {
    private static final boolean RECORD = Boolean.getBoolean("memfuse.wire.record");

    /** Actors with messages that never leave their node, by where their commands are. */
    private static final Map<String, String> STAY_ON_THEIR_NODE = Map.of(
            "UserProtocol", "Internal: what a user's actor tells itself, and what its sessions, shard and node tell it",
            "SessionProtocol", "a session is where its user is; what it is asked travels in ToSession",
            "FlushProtocol", "sessions and the flush coordinator are on one node",
            "FlushWorker", "it works for the coordinator of its node",
            "EmbeddingBacklog", "each node has its own, for what its own sessions embed",
            "ModelAdoption", "what it tells itself",
            "FactBacklog", "what it tells itself; Wake, which comes from all nodes, is sampled",
            "DirtySweeper", "what it tells itself",
            "AnswerSweeper", "what it tells itself",
            "OrphanSweeper", "what it tells itself");

    private static final JavaClasses MEMFUSE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("memfuse");

    private final ActorTestKit kit = ActorTestKit.create("memfuse", ConfigFactory.load());
    private final Serialization serialization = SerializationExtension.get(kit.system());
    private final ObjectMapper cbor =
            JacksonObjectMapperProvider.get(kit.system()).getOrCreate("jackson-cbor", Optional.empty());
    private final ObjectMapper json = new ObjectMapper();
    private final Map<String, CborSerializable> samples = WireSamples.in(kit.system());
    private final List<Stored> stored = recorded();

    @AfterAll
    void stop() {
        kit.shutdownTestKit();
    }

    private List<Stored> recorded() {
        Set<String> names = StoredSamples.all().stream().map(Stored::name).collect(Collectors.toSet());
        if (RECORD) {
            String version = BuildInfo.read().version().replaceAll("^(\\d+\\.\\d+).*", "$1");
            samples.forEach((name, value) -> {
                if (!names.contains(name)) {
                    SerializedEvent bytes = written(value);
                    StoredSamples.add(new Stored(
                            version, name, bytes, tree(bytes.payload()).toString()));
                }
            });
        }
        return StoredSamples.all();
    }

    @Test
    void hasASampleOfEverythingThatIsSentOrStored() {
        Set<String> sampled = samples.values().stream()
                .map(value -> value.getClass().getName())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(sampled)
                .as("add a value to WireSamples")
                .isEqualTo(MEMFUSE.stream()
                        .filter(type -> type.isAssignableTo(CborSerializable.class) && isConcrete(type))
                        .map(JavaClass::getName)
                        .collect(Collectors.toCollection(TreeSet::new)));
        assertThat(stored.stream().map(Stored::name))
                .as("run WireSamplesTest with -Dmemfuse.wire.record=true, and look at what it adds")
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(samples.keySet());
    }

    private static boolean isConcrete(JavaClass type) {
        return !type.isInterface() && !type.getModifiers().contains(JavaModifier.ABSTRACT);
    }

    @Test
    void knowsOfEveryOtherMessageThatItStaysOnItsNode() {
        Set<String> staying = MEMFUSE.stream()
                .filter(type -> isConcrete(type) && !type.isAssignableTo(CborSerializable.class))
                .flatMap(type -> type.getAllRawInterfaces().stream())
                .filter(above -> above.getSimpleName().equals("Command"))
                .map(above -> above.getName().replaceAll("^.*\\.([^.$]+)\\$.*", "$1"))
                .collect(Collectors.toSet());

        assertThat(staying).as("mark it CborSerializable, or say why it stays").isEqualTo(STAY_ON_THEIR_NODE.keySet());
    }

    /** So that none of them can be renamed unseen. */
    @Test
    void hasEveryFieldAndEveryConstantInSomeSample() {
        Set<Object> seen = new HashSet<>();
        samples.values().forEach(value -> lookThrough(value, seen));
        Set<Object> unseen = new HashSet<>();
        for (CborSerializable value : samples.values()) {
            for (RecordComponent component : value.getClass().getRecordComponents()) {
                if (!seen.contains(component.toString() + value.getClass())) {
                    unseen.add(value.getClass().getSimpleName() + "." + component.getName());
                }
                if (component.getType().isEnum()) {
                    Arrays.stream(component.getType().getEnumConstants())
                            .filter(constant -> !seen.contains(constant))
                            .forEach(unseen::add);
                }
            }
        }

        assertThat(unseen).as("in no sample").isEmpty();
    }

    private static void lookThrough(Object value, Set<Object> seen) {
        seen.add(value);
        if (value instanceof Collection<?> list) {
            list.forEach(element -> lookThrough(element, seen));
        } else if (value instanceof Record) {
            for (RecordComponent component : value.getClass().getRecordComponents()) {
                valueOf(value, component).ifPresent(inner -> {
                    seen.add(component.toString() + value.getClass());
                    lookThrough(inner, seen);
                });
            }
        }
    }

    private static Optional<Object> valueOf(Object owner, RecordComponent component) {
        try {
            component.getAccessor().setAccessible(true);
            return Optional.ofNullable(component.getAccessor().invoke(owner));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void readsWhatEarlierVersionsWrote() {
        assertThat(stored).isNotEmpty();
        for (Stored sample : stored) {
            assertThat(read(sample.bytes())).as(sample.toString()).isEqualTo(samples.get(sample.name()));
            assertThat(tree(sample.bytes().payload()))
                    .as("%s is for people what it is for nodes", sample)
                    .isEqualTo(fromJson(sample.json()));
        }
    }

    /** A node of an earlier version looks for what it knows, and passes over the rest. */
    @Test
    void writesWhatEarlierVersionsRead() {
        for (Stored sample : stored) {
            SerializedEvent now = written(Objects.requireNonNull(samples.get(sample.name())));
            assertThat(now.serializerId())
                    .as(sample.toString())
                    .isEqualTo(sample.bytes().serializerId());
            assertThat(now.manifest())
                    .as(sample.toString())
                    .isEqualTo(sample.bytes().manifest());
            JsonNode known = tree(sample.bytes().payload());
            assertThat(onlyKnown(tree(now.payload()), known))
                    .as(sample.toString())
                    .isEqualTo(known);
        }
    }

    private static JsonNode onlyKnown(JsonNode now, JsonNode known) {
        if (now instanceof ObjectNode object && known.isObject()) {
            ObjectNode kept = object.objectNode();
            known.fieldNames().forEachRemaining(field -> {
                if (object.has(field)) {
                    kept.set(field, onlyKnown(object.get(field), known.get(field)));
                }
            });
            return kept;
        }
        if (now instanceof ArrayNode list && known.size() == list.size()) {
            ArrayNode kept = list.arrayNode();
            for (int i = 0; i < list.size(); i++) {
                kept.add(onlyKnown(list.get(i), known.get(i)));
            }
            return kept;
        }
        return now;
    }

    /** What a later version adds. */
    @Test
    void passesOverFieldsThatItDoesNotKnow() throws IOException {
        for (Stored sample : stored) {
            JsonNode later = tree(sample.bytes().payload());
            addFieldsOfALaterVersion(later);
            SerializedEvent bytes = new SerializedEvent(
                    cbor.writeValueAsBytes(later),
                    sample.bytes().serializerId(),
                    sample.bytes().manifest());

            assertThat(read(bytes)).as(sample.toString()).isEqualTo(samples.get(sample.name()));
        }
    }

    /** Objects whose keys are fields; those of {@code Imported} and of {@code UnflushedChanges} are ids. */
    private static void addFieldsOfALaterVersion(JsonNode value) {
        value.properties().stream()
                .filter(field ->
                        !field.getKey().endsWith("Ids") && !field.getKey().equals("seqs"))
                .forEach(field -> addFieldsOfALaterVersion(field.getValue()));
        if (value instanceof ArrayNode list) {
            list.forEach(WireSamplesTest::addFieldsOfALaterVersion);
        }
        if (value instanceof ObjectNode object) {
            object.put("later", "unknown").putObject("muchLater").put("deep", 1);
        }
    }

    @Test
    void readsWatermarksOfAVersionWithoutFacts() throws IOException {
        byte[] old = cbor.writeValueAsBytes(Map.of("journaled", 4, "transferred", 3, "flushed", 2, "embedded", 1));

        assertThat(cbor.readValue(old, Watermarks.class)).isEqualTo(new Watermarks(4, 3, 2, 1, 0));
    }

    /** Nodes find each other's actors, and sessions their events, by these. */
    @Test
    void keepsTheNamesThatNodesFindEachOtherBy() {
        assertThat(ShardedUsers.USERS.name()).isEqualTo("users");
        assertThat(SessionProtocol.persistenceId("s")).isEqualTo("session|s");
        assertThat(kit.system().settings().config().getInt("pekko.cluster.sharding.number-of-shards"))
                .isEqualTo(256);
        assertThat(kit.system()
                        .settings()
                        .config()
                        .getString("pekko.actor.serialization-bindings.\"memfuse.protocol.CborSerializable\""))
                .isEqualTo("jackson-cbor");
    }

    private SerializedEvent written(CborSerializable value) {
        Serializer serializer = serialization.findSerializerFor(value);
        byte[] payload = serialization.serialize(value).get();
        return new SerializedEvent(payload, serializer.identifier(), Serializers.manifestFor(serializer, value));
    }

    private Object read(SerializedEvent bytes) {
        return serialization
                .deserialize(bytes.payload(), bytes.serializerId(), bytes.manifest())
                .get();
    }

    private JsonNode tree(byte[] payload) {
        try {
            return fromJson(cbor.readTree(payload).toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonNode fromJson(String text) {
        try {
            return json.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
