-- Mails that the desk sends itself: one row a recipient. state: waiting, sent, refused, withheld.
CREATE TABLE sending (
  outbox    INTEGER NOT NULL REFERENCES outbox(n),
  recipient TEXT NOT NULL,
  state     TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'refused', 'withheld')),
  attempts  INTEGER NOT NULL DEFAULT 0,
  next      TEXT NOT NULL,
  answer    TEXT,
  PRIMARY KEY (outbox, recipient)
) STRICT;
CREATE INDEX sending_waiting ON sending (next) WHERE state = 'waiting';
