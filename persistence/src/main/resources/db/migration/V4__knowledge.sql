-- Users' knowledge: items of text beside all sessions, and the units they are searched by.
-- Whoever writes rows of a user's knowledge locks the user's row first, and before any session's: of two writers one
-- waits, and a user whose row is gone is written no more.

CREATE TABLE knowledge (
    user_id    TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    -- From 1, in the order in which they were added.
    number     BIGINT           NOT NULL,
    id         TEXT COLLATE "C" NOT NULL,
    content    TEXT             NOT NULL,
    created_at TIMESTAMPTZ      NOT NULL,
    updated_at TIMESTAMPTZ      NOT NULL,
    PRIMARY KEY (user_id, number),
    UNIQUE (user_id, id)
);

CREATE TABLE knowledge_units (
    user_id       TEXT COLLATE "C" NOT NULL,
    number        BIGINT           NOT NULL,
    chunk_no      INTEGER          NOT NULL,
    -- Null where it is the whole content of the item.
    text          TEXT,
    tokens        INTEGER          NOT NULL,
    -- Floats of 32 bits, the lowest byte first; null while there is none.
    vector        BYTEA,
    -- The model that made the vector.
    model         TEXT,
    -- When it began to wait for an embedding; null where it does not.
    pending_since TIMESTAMPTZ,
    PRIMARY KEY (user_id, number, chunk_no)
);
-- As in memory_units.
ALTER TABLE knowledge_units SET (toast_tuple_target = 4080);
ALTER TABLE knowledge_units ALTER COLUMN vector SET STORAGE EXTERNAL;

CREATE INDEX knowledge_units_pending ON knowledge_units (pending_since) WHERE pending_since IS NOT NULL;
