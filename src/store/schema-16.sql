-- Whether a paper that came is one of the desk's own letters is asked of each.
CREATE INDEX outbox_bytes ON outbox (sha256);
