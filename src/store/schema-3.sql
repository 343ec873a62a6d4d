-- The path of a drop's 受付票 in the outbox; '' for drops of the time before there were any.
ALTER TABLE arrival ADD COLUMN receipt TEXT;
UPDATE arrival SET receipt = '';
CREATE INDEX arrival_without_receipt ON arrival (n) WHERE receipt IS NULL;
