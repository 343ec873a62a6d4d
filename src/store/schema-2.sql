-- A file that was taken and not yet removed: the same file seen again after a crash is not a second one.
ALTER TABLE arrival ADD COLUMN mark TEXT;
-- 0 as long as the case does not say that its document came again.
ALTER TABLE arrival ADD COLUMN told INTEGER NOT NULL DEFAULT 1;
CREATE INDEX arrival_mark ON arrival (mark) WHERE mark IS NOT NULL;
CREATE INDEX arrival_untold ON arrival (told) WHERE told = 0;
