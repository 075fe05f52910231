-- The fence of V10, asked in another way: of each session that was written to, the last event must be one of those that
-- were written. That is one look at the end of the primary key for each. Before, the planner could choose to read all of
-- the journal with its dead rows for each batch, because the table is small whenever somebody counts it.

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
    RETURN NULL;
END
$$;
