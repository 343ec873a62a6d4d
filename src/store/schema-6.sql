-- 1 as long as a letter waits for a person to release it.
ALTER TABLE outbox ADD COLUMN draft INTEGER NOT NULL DEFAULT 0;
