-- What waits and cases are looked at each in its own time: cases on a new day, though nothing came that what waits could hear of.
-- Nothing is carried over: another program looks at everything again anyway.
DROP TABLE looked;
CREATE TABLE looked (
  matter  TEXT PRIMARY KEY CHECK (matter IN ('waiting', 'cases')),
  through INTEGER NOT NULL,
  under   TEXT NOT NULL
) STRICT;

-- What lies in a document, asked for with each receipt; the last number of a year, asked for with each new case; what was written for a
-- case, and the rows of a letter that is released. Without these each costs a look at all there ever were.
CREATE INDEX document_parent ON document (parent) WHERE parent IS NOT NULL;
CREATE INDEX case_number ON case_summary (length(no), no);
CREATE INDEX outbox_case ON outbox (case_no);
CREATE INDEX outbox_letter ON outbox (letter);
