-- Mails that were taken out of a mailbox, by the numbers that its server gives them. seen: marked there as read.
CREATE TABLE mailbox_mail (
  mailbox  TEXT NOT NULL,
  validity INTEGER NOT NULL,
  uid      INTEGER NOT NULL,
  document TEXT NOT NULL REFERENCES document(id),
  seen     INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (mailbox, validity, uid)
) STRICT, WITHOUT ROWID;
