-- What the first reading of an arrival took, for figures alone: nothing is decided by it, and a later reading changes nothing.
CREATE TABLE reading (
  document     TEXT PRIMARY KEY REFERENCES document(id),
  milliseconds INTEGER NOT NULL,
  ocr_pages    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
