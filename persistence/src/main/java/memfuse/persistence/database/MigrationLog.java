package memfuse.persistence.database;

import org.flywaydb.core.api.logging.Log;
import org.flywaydb.core.api.logging.LogCreator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flyway's log, made quiet: its progress is this program's debug output, and so are its errors, which are thrown as
 * well. Public because Flyway makes it by its name.
 */
public final class MigrationLog implements LogCreator {

    @Override
    public Log createLogger(Class<?> source) {
        return new QuietLog(LoggerFactory.getLogger(source));
    }

    private record QuietLog(Logger log) implements Log {

        @Override
        public void debug(String message) {
            log.trace(message);
        }

        @Override
        public void info(String message) {
            log.debug(message);
        }

        @Override
        public void warn(String message) {
            log.warn(message);
        }

        @Override
        public void error(String message) {
            log.debug(message);
        }

        @Override
        public void error(String message, Exception cause) {
            log.debug(message, cause);
        }

        @Override
        public void notice(String message) {
            log.debug(message);
        }
    }
}
