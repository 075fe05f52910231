-- API keys. Of a key itself only its digest is kept: SHA-256 over the salt below and the key.

CREATE TABLE api_keys (
    id         TEXT COLLATE "C" PRIMARY KEY,
    user_id    TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    name       TEXT,
    digest     BYTEA       NOT NULL UNIQUE,
    may_read   BOOLEAN     NOT NULL,
    may_write  BOOLEAN     NOT NULL,
    is_admin   BOOLEAN     NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ
);
CREATE INDEX api_keys_user ON api_keys (user_id);

CREATE TABLE api_key_state (
    only_row BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (only_row),
    -- Random, and never changed: all digests depend on it.
    salt     BYTEA  NOT NULL,
    -- Grows with every deletion of keys, in its transaction. Nodes that remember keys look here whether they still may.
    revision BIGINT NOT NULL
);
INSERT INTO api_key_state (salt, revision)
VALUES (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), 0);
