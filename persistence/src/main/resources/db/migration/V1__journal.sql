-- The journal of the sessions: what was acknowledged and is not yet in the layers, and the sessions' snapshots.
-- Names and types are those of pekko-persistence-jdbc. Its table of tags is left out: no event has a tag, and without
-- tags the plugin touches neither that table nor an index on "ordering".

CREATE TABLE event_journal (
    -- Order of arrival over all sessions, for people to read; recovery goes by the primary key.
    ordering           BIGSERIAL    NOT NULL,
    persistence_id     VARCHAR(255) NOT NULL,
    sequence_number    BIGINT       NOT NULL,
    -- Kept for its sequence number alone, until a later row takes that over.
    deleted            BOOLEAN      NOT NULL DEFAULT FALSE,

    writer             VARCHAR(255) NOT NULL,
    -- Milliseconds since 1970, UTC.
    write_timestamp    BIGINT,
    -- '' for a round that is not flushed yet, 'flushed' for the mark of a flush.
    adapter_manifest   VARCHAR(255),

    event_ser_id       INTEGER      NOT NULL,
    event_ser_manifest VARCHAR(255) NOT NULL,
    event_payload      BYTEA        NOT NULL,

    meta_ser_id        INTEGER,
    meta_ser_manifest  VARCHAR(255),
    meta_payload       BYTEA,

    -- Also the fence: of two incarnations of a session only one can write a number.
    PRIMARY KEY (persistence_id, sequence_number)
);

-- Finds the unflushed rounds that wait longest without reading the flushed ones. Of one session the primary key finds
-- them.
CREATE INDEX event_journal_unflushed ON event_journal (ordering) WHERE adapter_manifest = '';

CREATE TABLE snapshot (
    persistence_id        VARCHAR(255) NOT NULL,
    sequence_number       BIGINT       NOT NULL,
    -- Milliseconds since 1970, UTC.
    created               BIGINT       NOT NULL,

    snapshot_ser_id       INTEGER      NOT NULL,
    snapshot_ser_manifest VARCHAR(255) NOT NULL,
    snapshot_payload      BYTEA        NOT NULL,

    meta_ser_id           INTEGER,
    meta_ser_manifest     VARCHAR(255),
    meta_payload          BYTEA,

    PRIMARY KEY (persistence_id, sequence_number)
);

-- Both are short and hot: nearly every row is deleted soon after it was written. Vacuum by a fixed number of dead rows
-- rather than by a part of the table, and without the pauses meant for big ones. Some room is left in each page, so
-- that marking a row as deleted stays in its page and out of the indexes.
ALTER TABLE event_journal SET (
    fillfactor = 90,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_insert_scale_factor = 0.5,
    autovacuum_analyze_threshold = 10000,
    autovacuum_analyze_scale_factor = 0.2,
    autovacuum_vacuum_cost_delay = 0,
    toast.autovacuum_vacuum_threshold = 2000,
    toast.autovacuum_vacuum_scale_factor = 0,
    toast.autovacuum_vacuum_cost_delay = 0
);
ALTER TABLE snapshot SET (
    fillfactor = 90,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_analyze_threshold = 10000,
    autovacuum_analyze_scale_factor = 0.2,
    autovacuum_vacuum_cost_delay = 0,
    toast.autovacuum_vacuum_threshold = 2000,
    toast.autovacuum_vacuum_scale_factor = 0,
    toast.autovacuum_vacuum_cost_delay = 0
);
