-- The fence of the journal against an incarnation of a session that others have given up and that does not know it yet.
-- The primary key lets only one of two write a number; but a flush deletes the events it covers, and with them their
-- numbers. So what is inserted has to be later than everything that is there of its session.
-- Once for each statement, which is a batch of events of many sessions.

CREATE FUNCTION event_journal_fence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1
        FROM (SELECT persistence_id, max(sequence_number) AS last FROM written GROUP BY persistence_id) w
        WHERE EXISTS (
            SELECT 1 FROM event_journal j WHERE j.persistence_id = w.persistence_id AND j.sequence_number > w.last)
    ) THEN
        RAISE EXCEPTION 'a later incarnation of the session has written already' USING ERRCODE = 'unique_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER event_journal_fence AFTER INSERT ON event_journal
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION event_journal_fence();
