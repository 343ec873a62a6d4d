-- When a file lay in the inbox or the mailbox, where that was well before the run that took it: days are counted from there.
ALTER TABLE arrival ADD COLUMN landed TEXT;
