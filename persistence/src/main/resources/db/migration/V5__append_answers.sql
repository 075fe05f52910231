-- First answers to appends under an idempotency key, for their repetitions; kept for a time.
-- A session's rows are written and removed while its row is locked, like those of its messages.

CREATE TABLE append_answers (
    session_id    TEXT COLLATE "C" NOT NULL,
    key           TEXT COLLATE "C" NOT NULL,
    stored_at     TIMESTAMPTZ      NOT NULL DEFAULT now(),
    -- As an event of the journal: written by the same serialization, so that it can change with it.
    answer        BYTEA            NOT NULL,
    serializer_id INTEGER          NOT NULL,
    manifest      TEXT             NOT NULL,
    PRIMARY KEY (session_id, key)
);

CREATE INDEX append_answers_stored_at ON append_answers (stored_at);

-- Finds the first message of a session that waits for an embedding.
CREATE INDEX memory_units_pending_of_session ON memory_units (user_id, session_id, seq)
    WHERE pending_since IS NOT NULL;
