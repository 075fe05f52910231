-- Receipts of users and sessions that were erased: opaque ids and numbers, nothing of what was said.

CREATE TABLE erasures (
    -- That of the user or session.
    id        TEXT COLLATE "C" PRIMARY KEY,
    kind      TEXT             NOT NULL,
    user_id   TEXT COLLATE "C" NOT NULL,
    erased_at TIMESTAMPTZ      NOT NULL DEFAULT now(),
    -- Rows that were removed, and the layers they were in.
    layers    TEXT[]           NOT NULL,
    counts    BIGINT[]         NOT NULL
);
