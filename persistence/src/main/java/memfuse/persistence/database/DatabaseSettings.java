package memfuse.persistence.database;

import java.time.Duration;
import java.util.Properties;
import java.util.regex.Pattern;

/**
 * How to reach one PostgreSQL database, and how much of it this process may use.
 *
 * @param jdbcUrl {@code jdbc:postgresql://host:port/database}, with the driver's own options where needed
 * @param schema the schema that holds all tables
 * @param journalPoolSize connections of the journal, open from the start
 * @param layerPoolSize connections of the stores, open from the start
 * @param connectionTimeout the longest wait for a connection, from a pool or to the server
 * @param socketTimeout the longest wait for an answer on a connection; after it the server is taken for dead
 * @param healthCheckInterval between two looks at the server's health
 */
public record DatabaseSettings(
        String jdbcUrl,
        String user,
        String password,
        String schema,
        int journalPoolSize,
        int layerPoolSize,
        Duration connectionTimeout,
        Duration socketTimeout,
        Duration healthCheckInterval) {

    static final String DEFAULT_SCHEMA = "public";

    private static final Pattern SCHEMA = Pattern.compile("[a-z_][a-z0-9_]{0,62}");
    private static final Pattern URL_OPTIONS = Pattern.compile("\\?.*");
    private static final int MOST_CONNECTIONS = 1_000;

    public DatabaseSettings {
        if (!jdbcUrl.startsWith("jdbc:postgresql:")) {
            throw new IllegalArgumentException("jdbcUrl must start with jdbc:postgresql: " + withoutOptions(jdbcUrl));
        }
        if (!SCHEMA.matcher(schema).matches()) {
            throw new IllegalArgumentException("schema must match " + SCHEMA + ": " + schema);
        }
        requirePoolSize("journalPoolSize", journalPoolSize);
        requirePoolSize("layerPoolSize", layerPoolSize);
        requireAtLeast("connectionTimeout", connectionTimeout, Duration.ofMillis(250));
        requireAtLeast("socketTimeout", socketTimeout, Duration.ofSeconds(1));
        requireAtLeast("healthCheckInterval", healthCheckInterval, Duration.ofMillis(10));
    }

    /** The product's own pool sizes and timeouts for a database. */
    public static DatabaseSettings of(String jdbcUrl, String user, String password) {
        return new DatabaseSettings(
                jdbcUrl,
                user,
                password,
                DEFAULT_SCHEMA,
                10,
                10,
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                Duration.ofSeconds(2));
    }

    public DatabaseSettings withSchema(String otherSchema) {
        return new DatabaseSettings(
                jdbcUrl,
                user,
                password,
                otherSchema,
                journalPoolSize,
                layerPoolSize,
                connectionTimeout,
                socketTimeout,
                healthCheckInterval);
    }

    public DatabaseSettings withPoolSizes(int journal, int layers) {
        return new DatabaseSettings(
                jdbcUrl,
                user,
                password,
                schema,
                journal,
                layers,
                connectionTimeout,
                socketTimeout,
                healthCheckInterval);
    }

    public DatabaseSettings withTimeouts(Duration connection, Duration socket, Duration healthCheck) {
        return new DatabaseSettings(
                jdbcUrl, user, password, schema, journalPoolSize, layerPoolSize, connection, socket, healthCheck);
    }

    /**
     * The driver's properties for every connection; the same options in the URL take precedence.
     *
     * @param clientName what {@code pg_stat_activity} calls the connection
     */
    Properties driverProperties(String clientName) {
        Properties properties = new Properties();
        properties.setProperty("reWriteBatchedInserts", "true");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("logServerErrorDetail", "false"); // it quotes rows, and rows are what users said
        properties.setProperty("connectTimeout", Long.toString(Math.max(1, connectionTimeout.toSeconds())));
        properties.setProperty("loginTimeout", Long.toString(Math.max(1, connectionTimeout.toSeconds())));
        properties.setProperty("socketTimeout", Long.toString(socketTimeout.toSeconds()));
        properties.setProperty("ApplicationName", clientName);
        if (!schema.equals(DEFAULT_SCHEMA)) {
            properties.setProperty("currentSchema", schema);
        }
        return properties;
    }

    /**
     * The SQL that every connection of a pool begins with. The server ends a statement that hangs, on a lock say, a
     * little before the driver would give the connection up: a server does not notice that, and what hangs there would
     * take connections from everybody.
     */
    String connectionSetup() {
        return "SET statement_timeout = " + statementTimeout().toMillis();
    }

    /** The longest that one statement takes unless its transaction says otherwise. */
    Duration statementTimeout() {
        return socketTimeout.multipliedBy(5).dividedBy(6);
    }

    /** The URL for a log or an error: its options may hold a password. */
    String displayUrl() {
        return withoutOptions(jdbcUrl);
    }

    @Override
    public String toString() {
        return "DatabaseSettings[" + displayUrl() + ", user=" + user + ", schema=" + schema + ", journalPoolSize="
                + journalPoolSize + ", layerPoolSize=" + layerPoolSize + "]";
    }

    private static String withoutOptions(String url) {
        return URL_OPTIONS.matcher(url).replaceFirst("");
    }

    private static void requirePoolSize(String name, int size) {
        if (size < 1 || size > MOST_CONNECTIONS) {
            throw new IllegalArgumentException(name + " must be from 1 to " + MOST_CONNECTIONS + ": " + size);
        }
    }

    private static void requireAtLeast(String name, Duration value, Duration least) {
        if (value.compareTo(least) < 0) {
            throw new IllegalArgumentException(name + " must be at least " + least + ": " + value);
        }
    }
}
