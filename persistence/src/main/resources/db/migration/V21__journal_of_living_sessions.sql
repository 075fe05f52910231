-- The journal's fence, which refuses events of erased sessions as well: a write that was slow, or comes of a node that
-- stood still, would bring back what was erased. It looks and locks nothing, since it is asked with every batch; what
-- commits at the very moment of an erasure is removed by the sweep of the journal.
-- Both questions go by an index, once for each session of the batch, whatever the tables were like at the first time.

CREATE OR REPLACE FUNCTION event_journal_fence() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (
        SELECT 1
        FROM (SELECT persistence_id, max(sequence_number) AS last FROM written GROUP BY persistence_id) w
        WHERE (
                SELECT j.sequence_number FROM event_journal j
                WHERE j.persistence_id = w.persistence_id AND j.sequence_number > w.last LIMIT 1) IS NOT NULL
            OR starts_with(w.persistence_id, 'session|') AND (
                SELECT s.id FROM sessions s WHERE s.id = substr(w.persistence_id, 9) COLLATE "C") IS NULL
    ) THEN
        RAISE EXCEPTION 'a later incarnation of the session has written already, or the session is erased'
            USING ERRCODE = 'unique_violation';
    END IF;
    RETURN NULL;
END
$$;
