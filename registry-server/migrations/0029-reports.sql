-- What people say about modules that do harm.
CREATE TABLE reports (
  id TEXT PRIMARY KEY,
  -- 'malware', 'abuse' or 'typosquat'.
  kind TEXT NOT NULL,
  module TEXT NOT NULL,
  version TEXT,
  path TEXT,
  line INTEGER,
  message TEXT NOT NULL,
  -- Who has signed in and said so; NULL where nobody has.
  user_id TEXT,
  reporter TEXT,
  -- Whether what they say has weight: an account that was not made for it.
  credible INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  -- 'open', 'resolved' or 'dismissed'.
  state TEXT NOT NULL,
  note TEXT,
  decided_by TEXT,
  decided_at TEXT
);
CREATE INDEX reports_by_state ON reports (state, created_at);
CREATE INDEX reports_by_module ON reports (module, state);
