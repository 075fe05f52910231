package memfuse.persistence.store;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/** A data source whose connections break at scripted calls. */
final class FaultyConnections {
    private final DataSource real;
    private final AtomicInteger callsUntilBreak = new AtomicInteger(Integer.MAX_VALUE);
    private final AtomicInteger commitsToLose = new AtomicInteger();

    FaultyConnections(DataSource real) {
        this.real = real;
    }

    /** The {@code call}-th call (from 1) from now on finds the connection broken, before it reaches the server. */
    void breakAtCall(int call) {
        callsUntilBreak.set(call);
    }

    /** Whether the break has happened; none happens from now on. */
    boolean broke() {
        return callsUntilBreak.getAndSet(Integer.MAX_VALUE) <= 0;
    }

    /** The next commit is done, and its answer lost. */
    void loseNextCommit() {
        commitsToLose.set(1);
    }

    DataSource dataSource() {
        return (DataSource) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("getConnection")) {
                        throw new UnsupportedOperationException(method.getName());
                    }
                    return connection(real.getConnection());
                });
    }

    private Connection connection(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    String name = method.getName();
                    boolean cleaning = name.equals("close") || name.equals("rollback");
                    if (!cleaning && callsUntilBreak.decrementAndGet() <= 0) {
                        connection.rollback();
                        throw new SQLException("the connection is broken", "08006");
                    }
                    Object result;
                    try {
                        result = method.invoke(connection, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    if (name.equals("commit") && commitsToLose.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                        throw new SQLException("the connection broke while committing", "08006");
                    }
                    return result;
                });
    }
}
