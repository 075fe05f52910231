-- Which messages came together, as the body of one POST.

-- The number of the round's first message; 0 where that is not known, as of messages that are older than this column.
ALTER TABLE messages ADD COLUMN round_seq BIGINT NOT NULL DEFAULT 0;
