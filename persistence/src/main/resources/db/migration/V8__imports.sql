-- Files that were imported, so that one that comes again adds nothing and is answered as before.
-- Written in the import's transaction, while the user's row is locked.

CREATE TABLE imports (
    user_id       TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    -- SHA-256 of the file, in hexadecimal digits.
    fingerprint   TEXT COLLATE "C" NOT NULL,
    imported_at   TIMESTAMPTZ      NOT NULL,
    -- What was imported: ids and numbers. As an event of the journal, written by the same serialization.
    imported      BYTEA            NOT NULL,
    serializer_id INTEGER          NOT NULL,
    manifest      TEXT             NOT NULL,
    PRIMARY KEY (user_id, fingerprint)
);
