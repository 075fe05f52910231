package memfuse.persistence.store;

import java.time.Duration;
import javax.sql.DataSource;
import memfuse.protocol.store.NodeRegister;

/** The register of nodes in PostgreSQL: a row each. */
public final class PostgresNodeRegister implements NodeRegister {
    private final Transactions transactions;

    public PostgresNodeRegister(DataSource dataSource) {
        transactions = new Transactions(dataSource, Transactions.AS_CONNECTED);
    }

    @Override
    public void seen(String address) {
        transactions.together(
                "telling that the node is there", connection -> Statements.execute(connection, """
                        INSERT INTO cluster_nodes (address, seen_at) VALUES (?, now())
                        ON CONFLICT (address) DO UPDATE SET seen_at = excluded.seen_at""", address));
    }

    @Override
    public void gone(String address) {
        transactions.together(
                "telling that the node is gone",
                connection -> Statements.execute(connection, "DELETE FROM cluster_nodes WHERE address = ?", address));
    }

    @Override
    public boolean othersSeen(String address, Duration lately) {
        return transactions.each(
                "looking for other nodes",
                connection -> Statements.exists(
                        connection,
                        "SELECT FROM cluster_nodes WHERE address <> ? AND seen_at > now() - ? * interval '1 millisecond'",
                        address,
                        lately.toMillis()));
    }
}
