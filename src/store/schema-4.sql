-- Who may use the console. secret: a PHC string of Argon2id.
CREATE TABLE account (
  name     TEXT PRIMARY KEY,
  role     TEXT NOT NULL,
  secret   TEXT NOT NULL,
  disabled INTEGER NOT NULL DEFAULT 0,
  made     TEXT NOT NULL
) STRICT;
