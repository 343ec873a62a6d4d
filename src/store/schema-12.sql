-- What waits and cases are looked at each in its own time: cases on a new day, though nothing came that what waits could hear of.
-- Nothing is carried over: another program looks at everything again anyway.
DROP TABLE looked;
CREATE TABLE looked (
  matter  TEXT PRIMARY KEY CHECK (matter IN ('waiting', 'cases')),
  through INTEGER NOT NULL,
  under   TEXT NOT NULL
) STRICT;
