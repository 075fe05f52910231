-- The nodes of the cluster that uses this database, each as it last said itself that it is there.
CREATE TABLE cluster_nodes (
    address TEXT        PRIMARY KEY,
    seen_at TIMESTAMPTZ NOT NULL
);
