-- Versions that wait for people; their bytes are in the blob store already.
CREATE TABLE stages (
  id TEXT PRIMARY KEY,
  module TEXT NOT NULL,
  scope TEXT NOT NULL,
  version TEXT NOT NULL,
  sha512 TEXT NOT NULL,
  size_bytes BIGINT NOT NULL,
  -- JSON: why it waits.
  reasons TEXT NOT NULL,
  -- JSON: as the statement will name them.
  publisher TEXT NOT NULL,
  uploader TEXT NOT NULL,
  -- The person behind the session or the token.
  user_id TEXT,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  -- 'open', 'published', 'rejected' or 'expired'.
  state TEXT NOT NULL
);
CREATE INDEX stages_by_scope ON stages (scope, state);
CREATE INDEX stages_by_blob ON stages (sha512);

CREATE TABLE stage_approvals (
  stage_id TEXT NOT NULL REFERENCES stages (id),
  user_id TEXT NOT NULL,
  user_name TEXT NOT NULL,
  -- 'second factor'.
  method TEXT NOT NULL,
  staff INTEGER NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (stage_id, user_id)
);
