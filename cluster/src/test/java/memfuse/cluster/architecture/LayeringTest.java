package memfuse.cluster.architecture;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.conditions.ArchConditions.callMethodWhere;
import static com.tngtech.archunit.lang.conditions.ArchConditions.dependOnClassesThat;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which module, and which package, may know which. A rule that finds no class to look at fails. */
class LayeringTest {
    private static final JavaClasses MEMFUSE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("memfuse");

    private static final ArchCondition<JavaClass> READ_SETTINGS = callMethodWhere(
                    target(owner(assignableTo("com.typesafe.config.Config")))
                            .and(target(nameMatching("get.*|has.*|is.*|entrySet|root"))))
            .or(dependOnClassesThat(nameMatching("com\\.typesafe\\.config\\.Config(Factory|Value|Object).*")));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "memfuse.protocol",
                "memfuse.persistence",
                "memfuse.actors",
                "memfuse.cluster",
                "memfuse.actors.embedding",
                "memfuse.actors.retrieval",
                "memfuse.cluster.settings"
            })
    void seesEveryPart(String part) {
        assertThat(MEMFUSE.stream().map(JavaClass::getPackageName))
                .anyMatch(name -> name.equals(part) || name.startsWith(part + "."));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            memfuse.protocol..    | memfuse.persistence..,memfuse.actors..,memfuse.cluster..,memfuse.bench..
            memfuse.persistence.. | memfuse.actors..,memfuse.cluster..,memfuse.bench..
            memfuse.actors..      | memfuse.persistence..,memfuse.cluster..,memfuse.bench..
            memfuse.cluster..     | memfuse.bench..
            """)
    void knowsOnlyTheModulesBelow(String module, String others) {
        noClasses()
                .that()
                .resideInAPackage(module)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others.split(","))
                .check(MEMFUSE);
    }

    @Test
    void seesADependencyBetweenModulesWhereThereIsOne() {
        classes()
                .that()
                .haveFullyQualifiedName("memfuse.cluster.Main")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("memfuse.cluster.settings")
                .check(MEMFUSE);
        assertThat(MEMFUSE.stream()
                        .filter(resideInAnyPackage("memfuse.actors.."))
                        .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                        .map(dependency -> dependency.getTargetClass()))
                .anyMatch(resideInAnyPackage("memfuse.protocol.."));
    }

    /** What decides, and what computes, is plain; actors are around it. */
    @ParameterizedTest
    @ValueSource(strings = {"memfuse.actors.retrieval..", "memfuse.actors.embedding.."})
    void keepsTheCoresPlain(String core) {
        noClasses()
                .that()
                .resideInAPackage(core)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.pekko..", "scala..")
                .check(MEMFUSE);
    }

    /** The buffers of a session, by their names: they stand beside the actor that uses them. */
    @Test
    void keepsTheBuffersPlain() {
        noClasses()
                .that()
                .haveNameMatching("memfuse\\.actors\\.session\\.(Round|Hybrid)Buffer.*")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.pekko..", "scala..")
                .check(MEMFUSE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"protocol", "persistence", "actors", "cluster"})
    void hasNoCyclesBetweenPackages(String module) {
        slices().matching("memfuse." + module + ".(**)")
                .should()
                .beFreeOfCycles()
                .check(MEMFUSE);
    }

    @Test
    void namesClassesForWhatTheyAre() {
        noClasses()
                .should()
                .haveNameMatching(".*(Manager|Helper|Utils?|Impl)(\\$.*)?")
                .check(MEMFUSE);
    }

    /** The server hands the whole configuration on to the actor system; reading from it is somebody else's. */
    @Test
    void readsTheConfigurationInOnePlace() {
        String[] readers = {"memfuse.cluster.settings", "memfuse.persistence.database"};

        noClasses()
                .that()
                .resideOutsideOfPackages(readers)
                .should(READ_SETTINGS)
                .check(MEMFUSE);
        assertThat(noClasses()
                        .that()
                        .resideInAPackage("memfuse.cluster.settings")
                        .should(READ_SETTINGS)
                        .evaluate(MEMFUSE)
                        .hasViolation())
                .isTrue();
    }
}
