-- What a document that waits for its case is known by, and what lies in it.
CREATE TABLE waiting_sign (
  kind     TEXT NOT NULL,
  value    TEXT NOT NULL,
  document TEXT NOT NULL REFERENCES document(id),
  PRIMARY KEY (kind, value, document)
) STRICT, WITHOUT ROWID;
CREATE INDEX waiting_sign_document ON waiting_sign (document);

-- Up to which event the desk has looked at everything, and what that depends on: the day, the rules, the program.
CREATE TABLE looked (
  one     INTEGER PRIMARY KEY CHECK (one = 1),
  through INTEGER NOT NULL,
  under   TEXT NOT NULL
) STRICT;

-- What lists ask for, so that they need not go through all cases there ever were.
ALTER TABLE case_summary ADD COLUMN held INTEGER GENERATED ALWAYS AS (json_extract(summary, '$.held')) VIRTUAL;
ALTER TABLE case_summary ADD COLUMN certificate_end TEXT;
UPDATE case_summary SET certificate_end = (
  SELECT min(json_extract(value, '$.on')) FROM json_each(summary, '$.deadlines') WHERE json_extract(value, '$.kind') = 'certificate');
CREATE INDEX case_held ON case_summary (no) WHERE held = 1;
CREATE INDEX case_closed ON case_summary (closed, no);
CREATE INDEX case_ending ON case_summary (certificate_end) WHERE certificate_end IS NOT NULL;
CREATE INDEX case_revoked ON case_summary (no) WHERE instr(summary, '"revoked":"') > 0;
CREATE INDEX case_drafted ON case_summary (no) WHERE instr(summary, '"draft":true') > 0;
CREATE INDEX document_case ON document (case_no) WHERE case_no IS NOT NULL;
