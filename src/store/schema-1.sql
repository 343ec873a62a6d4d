-- Documents by their bytes. status: pending, done, waiting (no case yet), quarantined.
CREATE TABLE document (
  id       TEXT PRIMARY KEY,
  name     TEXT NOT NULL,
  bytes    INTEGER NOT NULL,
  received TEXT NOT NULL,
  parent   TEXT,
  status   TEXT NOT NULL CHECK (status IN ('pending', 'done', 'waiting', 'quarantined')),
  kind     TEXT,
  case_no  TEXT,
  note     TEXT
) STRICT;

-- Every time that bytes were dropped, the first and the later ones.
CREATE TABLE arrival (
  n        INTEGER PRIMARY KEY,
  document TEXT NOT NULL REFERENCES document(id),
  name     TEXT NOT NULL,
  received TEXT NOT NULL,
  source   TEXT NOT NULL,
  outcome  TEXT NOT NULL CHECK (outcome IN ('first', 'again'))
) STRICT;

-- What happened, chained by hash in the order of n.
CREATE TABLE event (
  n       INTEGER PRIMARY KEY,
  case_no TEXT NOT NULL,
  seq     INTEGER NOT NULL,
  at      TEXT NOT NULL,
  by      TEXT NOT NULL,
  body    TEXT NOT NULL,
  hash    BLOB NOT NULL,
  UNIQUE (case_no, seq)
) STRICT;

-- What leaves or is to be done: one row a file.
CREATE TABLE outbox (
  n         INTEGER PRIMARY KEY,
  letter    TEXT NOT NULL,
  path      TEXT NOT NULL UNIQUE,
  case_no   TEXT NOT NULL,
  sha256    TEXT NOT NULL,
  bytes     BLOB NOT NULL,
  secret    INTEGER NOT NULL DEFAULT 0,
  written   TEXT NOT NULL,
  delivered TEXT
) STRICT;

-- Derived from the events, written in the same transaction: for lists and for matching.
CREATE TABLE case_summary (
  no      TEXT PRIMARY KEY,
  flow    TEXT NOT NULL,
  state   TEXT NOT NULL,
  closed  INTEGER NOT NULL,
  dated   INTEGER NOT NULL,
  summary TEXT NOT NULL
) STRICT;

CREATE TABLE case_key (
  case_no TEXT NOT NULL,
  kind    TEXT NOT NULL,
  value   TEXT NOT NULL,
  PRIMARY KEY (case_no, kind, value)
) STRICT, WITHOUT ROWID;

CREATE INDEX case_key_value ON case_key (kind, value);
CREATE INDEX document_status ON document (status);
CREATE INDEX arrival_document ON arrival (document);
CREATE INDEX outbox_undelivered ON outbox (delivered) WHERE delivered IS NULL;
