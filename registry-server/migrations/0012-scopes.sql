-- A role that is given but not yet in effect, and from when it will be.
ALTER TABLE scope_members ADD COLUMN next_role TEXT;
ALTER TABLE scope_members ADD COLUMN effective_at TEXT;

CREATE TABLE scope_proofs (
  scope TEXT NOT NULL REFERENCES scopes (name),
  -- 'dns' or 'repository'.
  kind TEXT NOT NULL,
  -- The domain, or the repository's address.
  value TEXT NOT NULL,
  verified_at TEXT NOT NULL,
  PRIMARY KEY (scope, kind, value)
);
