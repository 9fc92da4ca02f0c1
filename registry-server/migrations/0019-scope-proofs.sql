-- What owners of a scope claim of names elsewhere. The table that it replaces was never written to.
DROP TABLE scope_proofs;
CREATE TABLE scope_proofs (
  id TEXT PRIMARY KEY,
  scope TEXT NOT NULL REFERENCES scopes (name),
  -- 'dns' or 'repository'.
  kind TEXT NOT NULL,
  -- The domain, or the repository's address.
  value TEXT NOT NULL,
  -- What must be found there.
  challenge TEXT NOT NULL,
  created_at TEXT NOT NULL,
  -- Since when it holds; NULL: it does not, not yet or not any more.
  verified_at TEXT,
  checked_at TEXT,
  -- What was found in its place when it was last looked for.
  problem TEXT,
  -- Since when it has not been found, while it still counts.
  failing_since TEXT,
  -- When it ceased to count.
  lost_at TEXT,
  -- NULL: it is looked for when somebody asks.
  next_check_at TEXT,
  UNIQUE (scope, kind, value)
);
CREATE INDEX scope_proofs_by_check ON scope_proofs (next_check_at);
