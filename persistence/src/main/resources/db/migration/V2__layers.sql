-- Users, agents and sessions; M0, the messages; and M1, the units they are searched by.
-- Ids and names go by their bytes ("C"): compared exactly, and sorted the same whatever language the server has.

CREATE TABLE users (
    id          TEXT COLLATE "C" PRIMARY KEY,
    name        TEXT COLLATE "C" NOT NULL UNIQUE,
    description TEXT,
    created_at  TIMESTAMPTZ NOT NULL,
    updated_at  TIMESTAMPTZ NOT NULL
);

CREATE TABLE agents (
    id          TEXT COLLATE "C" PRIMARY KEY,
    name        TEXT COLLATE "C" NOT NULL UNIQUE,
    description TEXT,
    created_at  TIMESTAMPTZ NOT NULL,
    updated_at  TIMESTAMPTZ NOT NULL
);

CREATE TABLE sessions (
    -- Whoever writes rows of a session locks this row first, sessions in the order of their ids. A session whose row is
    -- gone is written no more.
    id         TEXT COLLATE "C" PRIMARY KEY,
    user_id    TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    -- No reference: sessions outlive their agent.
    agent_id   TEXT COLLATE "C" NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    UNIQUE (user_id, name)
);
CREATE INDEX sessions_agent ON sessions (agent_id);
CREATE INDEX sessions_name ON sessions (name);

-- The two big tables have no foreign keys: the lock on the session's row keeps them true, and costs once a flush rather
-- than once a row.

CREATE TABLE messages (
    session_id TEXT COLLATE "C" NOT NULL,
    seq        BIGINT           NOT NULL,
    id         TEXT COLLATE "C" NOT NULL,
    role       TEXT             NOT NULL,
    name       TEXT,
    content    TEXT             NOT NULL,
    created_at TIMESTAMPTZ      NOT NULL,
    updated_at TIMESTAMPTZ      NOT NULL,
    -- The caller's JSON as it came: jsonb would lose the order of its keys, repeated keys, and the look of its numbers.
    metadata   TEXT,
    tokens     INTEGER          NOT NULL,
    -- With the time, so that a page by time is found in the index alone.
    PRIMARY KEY (session_id, seq) INCLUDE (created_at),
    UNIQUE (session_id, id)
);

CREATE TABLE memory_units (
    user_id       TEXT COLLATE "C" NOT NULL,
    session_id    TEXT COLLATE "C" NOT NULL,
    seq           BIGINT           NOT NULL,
    chunk_no      INTEGER          NOT NULL,
    -- Null where it is the whole content of the message.
    text          TEXT,
    tokens        INTEGER          NOT NULL,
    -- Floats of 32 bits, the lowest byte first; null while there is none.
    vector        BYTEA,
    -- The model that made the vector.
    model         TEXT,
    -- When it began to wait for an embedding; null where it does not.
    pending_since TIMESTAMPTZ,
    PRIMARY KEY (user_id, session_id, seq, chunk_no)
);
-- Vectors of up to about 900 floats stay in the row, and no time is lost on trying to compress them.
ALTER TABLE memory_units SET (toast_tuple_target = 4080);
ALTER TABLE memory_units ALTER COLUMN vector SET STORAGE EXTERNAL;

CREATE INDEX memory_units_pending ON memory_units (pending_since) WHERE pending_since IS NOT NULL;
