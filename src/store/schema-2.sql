-- A file that was taken and not yet removed: the same file seen again after a crash is not a second one.
ALTER TABLE arrival ADD COLUMN mark TEXT;
-- 0 as long as the case does not say that its document came again.
ALTER TABLE arrival ADD COLUMN told INTEGER NOT NULL DEFAULT 1;
CREATE INDEX arrival_mark ON arrival (mark) WHERE mark IS NOT NULL;
CREATE INDEX arrival_untold ON arrival (told) WHERE told = 0;

-- The last event that stands on the case's page in the outbox.
ALTER TABLE case_summary ADD COLUMN shown INTEGER NOT NULL DEFAULT 0;
UPDATE case_summary SET shown = (SELECT coalesce(max(seq), 0) FROM event WHERE event.case_no = case_summary.no);

-- Of a secret file the hash is from now on that of the file that people see; of the old ones it was that of the sealed bytes.
UPDATE outbox SET sha256 = '' WHERE secret = 1 AND delivered IS NOT NULL;
