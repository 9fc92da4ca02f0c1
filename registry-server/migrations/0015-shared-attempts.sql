-- What was tried and refused, by address and by account: all servers on the database count together.
CREATE TABLE failed_attempts (
  -- 'sign-in address 192.0.2.1'.
  key TEXT PRIMARY KEY,
  tokens DOUBLE PRECISION NOT NULL,
  -- Milliseconds since 1970.
  at BIGINT NOT NULL
);
CREATE INDEX failed_attempts_by_time ON failed_attempts (at);

-- Of the key that secrets of accounts are sealed with; the key itself is a file beside the signing keys.
CREATE TABLE sealing_keys (
  id TEXT PRIMARY KEY,
  created_at TEXT NOT NULL
);
