CREATE TABLE users (
  id TEXT PRIMARY KEY,
  -- Lower case; what others call them.
  name TEXT NOT NULL UNIQUE,
  email TEXT,
  -- scrypt with its parameters; NULL where they have chosen none yet.
  password TEXT,
  staff INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  disabled_at TEXT
);

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  -- SHA-256 of the secret, which is nowhere.
  hash TEXT NOT NULL UNIQUE,
  user_id TEXT NOT NULL REFERENCES users (id),
  -- 'browser' or 'command line'.
  kind TEXT NOT NULL,
  -- What the client calls itself.
  client TEXT NOT NULL,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  last_used_at TEXT NOT NULL,
  -- When a second factor was last shown.
  second_factor_at TEXT
);
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE scopes (
  -- '@acme'.
  name TEXT PRIMARY KEY,
  created_at TEXT NOT NULL,
  -- 'public' or 'private'.
  visibility TEXT NOT NULL,
  trusted_publisher_only INTEGER NOT NULL,
  min_approvals INTEGER NOT NULL,
  hold_on_capability_increase INTEGER NOT NULL,
  require_provenance INTEGER NOT NULL
);

CREATE TABLE scope_members (
  scope TEXT NOT NULL REFERENCES scopes (name),
  user_id TEXT NOT NULL REFERENCES users (id),
  -- 'owner', 'maintainer', 'publisher', 'triager' or 'reader'.
  role TEXT NOT NULL,
  invited_at TEXT NOT NULL,
  -- NULL: they have not said yes.
  accepted_at TEXT,
  PRIMARY KEY (scope, user_id)
);
CREATE INDEX scope_members_by_user ON scope_members (user_id);

-- Whose it is; NULL: the operator's own, who made it at the storage.
ALTER TABLE tokens ADD COLUMN user_id TEXT REFERENCES users (id);
-- Of 'read', 'stage', 'publish', 'yank' and 'tag', in this order, with commas between.
ALTER TABLE tokens ADD COLUMN permissions TEXT NOT NULL DEFAULT 'publish';
-- Networks that it may be used from, with commas between; empty: all.
ALTER TABLE tokens ADD COLUMN networks TEXT NOT NULL DEFAULT '';
