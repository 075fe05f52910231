-- M2: facts, the messages that give evidence of them, and how far the extraction of facts has come in each session.
-- A session's rows are written and removed while its row is locked, like those of its messages.

CREATE TABLE facts (
    -- Made of what it says and of where it was found.
    id         TEXT COLLATE "C" PRIMARY KEY,
    user_id    TEXT COLLATE "C" NOT NULL,
    session_id TEXT COLLATE "C" NOT NULL,
    -- A digest: of the user's facts with the same one, the newest said holds. Which that is, is not kept but looked up,
    -- so that it is true whatever comes or goes.
    slot       TEXT COLLATE "C" NOT NULL,
    subject    TEXT             NOT NULL,
    predicate  TEXT             NOT NULL,
    object     TEXT             NOT NULL,
    text       TEXT             NOT NULL,
    confidence DOUBLE PRECISION NOT NULL,
    -- Name and version of what found it.
    extractor  TEXT             NOT NULL,
    -- Time and number of its last message.
    said_at    TIMESTAMPTZ      NOT NULL,
    said_seq   BIGINT           NOT NULL,
    valid_from TIMESTAMPTZ      NOT NULL,
    -- Exclusive; null where no end is known.
    valid_to   TIMESTAMPTZ
);
CREATE INDEX facts_slot ON facts (user_id, slot, said_at, session_id, said_seq, id);
CREATE INDEX facts_session ON facts (session_id);

CREATE TABLE fact_evidence (
    session_id TEXT COLLATE "C" NOT NULL,
    seq        BIGINT           NOT NULL,
    fact_id    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (session_id, seq, fact_id)
);
CREATE INDEX fact_evidence_fact ON fact_evidence (fact_id, seq);

CREATE TABLE fact_progress (
    session_id    TEXT COLLATE "C" PRIMARY KEY,
    user_id       TEXT COLLATE "C" NOT NULL,
    -- The first message whose facts were not extracted yet, but for those that were changed since.
    next_seq      BIGINT           NOT NULL,
    changed       BIGINT[]         NOT NULL DEFAULT '{}',
    -- The last message in M0.
    last_seq      BIGINT           NOT NULL,
    -- When it began to wait; null where nothing waits.
    waiting_since TIMESTAMPTZ
) WITH (fillfactor = 70);
CREATE INDEX fact_progress_waiting ON fact_progress (waiting_since) WHERE waiting_since IS NOT NULL;

-- What was said before there were facts waits for them as well.
INSERT INTO fact_progress (session_id, user_id, next_seq, last_seq, waiting_since)
SELECT s.id, s.user_id, 1, max(m.seq), now()
FROM sessions s JOIN messages m ON m.session_id = s.id
GROUP BY s.id;
