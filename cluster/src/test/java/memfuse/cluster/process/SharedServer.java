package memfuse.cluster.process;

import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One server for all tests that do not harm it, started by the first and stopped after the last. It searches by words
 * alone and flushes what is idle after two seconds. Tests take it, or a client of it, as a parameter.
 */
final class SharedServer implements ParameterResolver, AfterTestExecutionCallback {
    private static final Namespace NAMESPACE = Namespace.create(SharedServer.class);

    /**
     * The running server with its data.
     *
     * @param failed whether a test with it has failed
     */
    record Running(Scene scene, DataDirectory data, ServerProcess process, AtomicBoolean failed)
            implements AutoCloseable {
        Client client() {
            return process.client();
        }

        @Override
        public void close() {
            process.terminate();
            scene.close(failed.get());
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == Running.class || type == Client.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Running running = store(context).getOrComputeIfAbsent(Running.class, type -> start(), Running.class);
        return parameter.getParameter().getType() == Client.class ? running.client() : running;
    }

    @Override
    public void afterTestExecution(ExtensionContext context) {
        Running running = store(context).get(Running.class, Running.class);
        if (running != null && context.getExecutionException().isPresent()) {
            running.failed().set(true);
        }
    }

    private static ExtensionContext.Store store(ExtensionContext context) {
        return context.getRoot().getStore(NAMESPACE);
    }

    private static Running start() {
        Scene scene = new Scene();
        scene.open("shared");
        DataDirectory data = scene.newDataDirectory();
        try {
            ServerProcess process = scene.start(
                    Launch.in(data.path()).wordsOnly().with("memfuse.buffer.performance.flush_interval", "2s"));
            return new Running(scene, data, process, new AtomicBoolean());
        } catch (AssertionError | RuntimeException e) {
            scene.close(true);
            throw e;
        }
    }
}
