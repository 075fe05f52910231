-- The fence of V10, asked in another way: of each session that was written to, the last event must be one of those that
-- were written. That is one look at the end of the primary key for each. Before, the planner could choose to read all of
-- the journal with its dead rows for each batch, because the table is small whenever somebody counts it.
-- It refuses events of erased sessions as well: a write that was slow, or comes of a node that stood still, would bring
-- back what was erased. It looks and locks nothing, since it is asked with every batch; what commits at the very moment of
-- an erasure is removed by the sweep of the journal.

CREATE OR REPLACE FUNCTION event_journal_fence() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
AS $$
BEGIN
    IF EXISTS (
        SELECT 1
        FROM written w, LATERAL (
            SELECT j.sequence_number FROM event_journal j
            WHERE j.persistence_id = w.persistence_id
            ORDER BY j.sequence_number DESC LIMIT 1
        ) last
        WHERE last.sequence_number > w.sequence_number AND NOT EXISTS (
            SELECT 1 FROM written o
            WHERE o.persistence_id = w.persistence_id AND o.sequence_number = last.sequence_number)
    ) THEN
        RAISE EXCEPTION 'a later incarnation of the session has written already' USING ERRCODE = 'unique_violation';
    END IF;
    IF EXISTS (
        SELECT 1
        FROM (SELECT DISTINCT persistence_id FROM written) w
        WHERE starts_with(w.persistence_id, 'session|') AND (
            SELECT s.id FROM sessions s WHERE s.id = substr(w.persistence_id, 9) COLLATE "C") IS NULL
    ) THEN
        RAISE EXCEPTION 'the session is erased' USING ERRCODE = 'unique_violation';
    END IF;
    RETURN NULL;
END
$$;
