-- Requests that say who they are (Idempotency-Key), for a day: each is done once.
CREATE TABLE idempotent_requests (
  -- A hash of the credential and the key.
  id TEXT PRIMARY KEY,
  -- A hash of the credential.
  owner TEXT NOT NULL,
  -- A hash of what was asked.
  fingerprint TEXT NOT NULL,
  begun_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  -- What was answered, sealed by credential and key, of which the database has neither; NULL while it is being done.
  answer TEXT
);
CREATE INDEX idempotent_requests_by_owner ON idempotent_requests (owner, begun_at);
CREATE INDEX idempotent_requests_by_end ON idempotent_requests (expires_at);
