-- The embedding model of the node that started last, and how far units of others, or of none, were marked as pending.
CREATE TABLE embedding_model (
    one            BOOLEAN          PRIMARY KEY DEFAULT TRUE CHECK (one),
    -- As beside vectors; 'none' where there is no model.
    name           TEXT             NOT NULL,
    dimensions     INTEGER          NOT NULL,
    -- The sessions, and then the users, up to these ids have been looked through.
    sessions_up_to TEXT COLLATE "C" NOT NULL DEFAULT '',
    users_up_to    TEXT COLLATE "C" NOT NULL DEFAULT '',
    -- Whether all have.
    adopted        BOOLEAN          NOT NULL
);
