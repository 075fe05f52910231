package memfuse.cluster.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathFactory;
import memfuse.cluster.k8s.Dockerfile.Instruction;
import org.junit.jupiter.api.Test;

/** The image cannot be built here; what it would trip over can be looked at. */
class DockerfileTest {
    private static final Path ROOT = Path.of("..");

    private final Dockerfile dockerfile = read();

    private static Dockerfile read() {
        try {
            return Dockerfile.read();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void copiesWhatIsThereAndIsNotIgnored() throws IOException {
        List<String> sent = Files.readAllLines(ROOT.resolve("k8s/Dockerfile.dockerignore"));
        List<String> copied = dockerfile.all("COPY").stream()
                .map(Instruction::words)
                .filter(words -> !words.get(0).startsWith("--from"))
                .flatMap(words -> words.subList(0, words.size() - 1).stream())
                .toList();
        assertThat(copied).isNotEmpty().allSatisfy(path -> {
            assertThat(ROOT.resolve(path)).exists();
            assertThat(sent).contains("!" + path);
        });
    }

    /** Maven reads the files of all modules, also of those that it does not build. */
    @Test
    void copiesEveryModule() throws Exception {
        String modules = xpath(ROOT.resolve("pom.xml"), "/*/*[local-name()='modules']");
        List<String> copies =
                dockerfile.all("COPY").stream().map(Instruction::rest).toList();
        assertThat(modules.lines().map(String::strip).filter(name -> !name.isEmpty()))
                .isNotEmpty()
                .allSatisfy(module -> assertThat(copies)
                        .containsAnyOf(module + " " + module, module + "/pom.xml " + module + "/pom.xml"));
    }

    @Test
    void runsTheJarThatTheBuildMakes() throws Exception {
        String jar = xpath(Path.of("pom.xml"), "//*[local-name()='outputFile']")
                .replace("${project.build.directory}", "/build/cluster/target");
        List<String> copy = dockerfile.last("COPY").words();
        assertThat(copy.subList(0, 2)).containsExactly("--from=build", jar);
        assertThat(dockerfile.last("ENTRYPOINT").exec()).startsWith("java").endsWith("-jar", copy.get(2));
    }

    @Test
    void runsAsTheUserOfTheManifests() throws IOException {
        var pod = Node.in(Manifests.read(Manifests.BASE.resolve("deployment.yaml")))
                .pod()
                .getSpec()
                .getSecurityContext();
        assertThat(dockerfile.last("USER").rest()).isEqualTo(pod.getRunAsUser() + ":" + pod.getRunAsGroup());
        assertThat(pod.getFsGroup()).isEqualTo(pod.getRunAsGroup());
    }

    @Test
    void exposesThePortsOfTheManifests() throws IOException {
        Node node = Node.in(Manifests.read(Manifests.BASE.resolve("deployment.yaml")));
        assertThat(dockerfile.last("EXPOSE").words())
                .containsExactlyElementsOf(Stream.of("http", "cluster", "management")
                        .map(name -> Integer.toString(node.port(name)))
                        .toList());
    }

    private static String xpath(Path pom, String path) throws Exception {
        return XPathFactory.newInstance()
                .newXPath()
                .evaluate(
                        path,
                        DocumentBuilderFactory.newInstance()
                                .newDocumentBuilder()
                                .parse(pom.toFile()));
    }
}
