CREATE TABLE modules (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  scope TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

-- Everything that changes is an event, in one order without gaps.
CREATE TABLE log_leaves (
  idx INTEGER PRIMARY KEY,
  type TEXT NOT NULL,
  leaf BLOB NOT NULL
) STRICT;

CREATE TABLE versions (
  id INTEGER PRIMARY KEY,
  module_id INTEGER NOT NULL REFERENCES modules (id),
  version TEXT NOT NULL,
  sha512 TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  unpacked_bytes INTEGER NOT NULL,
  manifest TEXT NOT NULL,
  manifest_integrity TEXT NOT NULL,
  caps_integrity TEXT NOT NULL,
  readme TEXT,
  bundle TEXT NOT NULL,
  published_at TEXT NOT NULL,
  publisher TEXT NOT NULL,
  trust INTEGER NOT NULL,
  status TEXT NOT NULL DEFAULT 'active',
  log_index INTEGER NOT NULL UNIQUE REFERENCES log_leaves (idx),
  UNIQUE (module_id, version)
) STRICT;
CREATE INDEX versions_by_blob ON versions (sha512);

CREATE TABLE version_files (
  version_id INTEGER NOT NULL REFERENCES versions (id),
  path TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  PRIMARY KEY (version_id, path)
) STRICT, WITHOUT ROWID;

-- The newest version of each module, as people search for it; rowid = modules.id.
CREATE VIRTUAL TABLE module_search USING fts5 (name, description, components, readme, prefix = '2 3');

CREATE TABLE tokens (
  id INTEGER PRIMARY KEY,
  -- SHA-256 of the token: the token itself is nowhere.
  hash TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL,
  -- '@acme/redact', '@acme/*' or '*'.
  modules TEXT NOT NULL,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  revoked_at TEXT,
  last_used_at TEXT
) STRICT;

-- Append-only; each row's hash covers the one before it.
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  ip TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
