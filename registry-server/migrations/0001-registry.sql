-- Everything that changes is a leaf of the log, in one order without gaps.
CREATE TABLE log_leaves (
  idx BIGINT PRIMARY KEY,
  type TEXT NOT NULL,
  -- What the event is about: '@acme/redact@1.0.0', '@acme/redact', '@acme', …
  subject TEXT NOT NULL,
  -- The module whose index it changes, where it is about one.
  module TEXT,
  at TEXT NOT NULL,
  -- Canonical JSON: these characters as UTF-8 are the leaf's bytes.
  leaf TEXT NOT NULL
);
CREATE INDEX log_leaves_by_module ON log_leaves (module, idx);

-- Hashes of the log's complete subtrees: level 0 has the leaves, node n of level l covers 2^l leaves from n * 2^l on.
CREATE TABLE log_nodes (
  level INTEGER NOT NULL,
  idx BIGINT NOT NULL,
  -- Base64.
  hash TEXT NOT NULL,
  PRIMARY KEY (level, idx)
);

CREATE TABLE modules (
  -- The index of the leaf that made it.
  id BIGINT PRIMARY KEY REFERENCES log_leaves (idx),
  name TEXT NOT NULL UNIQUE,
  scope TEXT NOT NULL,
  created_at TEXT NOT NULL
);

CREATE TABLE versions (
  log_index BIGINT PRIMARY KEY REFERENCES log_leaves (idx),
  module_id BIGINT NOT NULL REFERENCES modules (id),
  version TEXT NOT NULL,
  sha512 TEXT NOT NULL,
  size_bytes BIGINT NOT NULL,
  unpacked_bytes BIGINT NOT NULL,
  manifest TEXT NOT NULL,
  manifest_integrity TEXT NOT NULL,
  caps_integrity TEXT NOT NULL,
  readme TEXT,
  bundle TEXT NOT NULL,
  published_at TEXT NOT NULL,
  publisher TEXT NOT NULL,
  trust INTEGER NOT NULL,
  status TEXT NOT NULL,
  UNIQUE (module_id, version)
);
CREATE INDEX versions_by_blob ON versions (sha512);

CREATE TABLE version_files (
  log_index BIGINT NOT NULL REFERENCES versions (log_index),
  path TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size_bytes BIGINT NOT NULL,
  PRIMARY KEY (log_index, path)
);

-- What is still to be done about an event. Done is deleted.
CREATE TABLE outbox (
  topic TEXT NOT NULL,
  log_index BIGINT NOT NULL REFERENCES log_leaves (idx),
  attempts INTEGER NOT NULL,
  due_at TEXT NOT NULL,
  PRIMARY KEY (topic, log_index)
);
CREATE INDEX outbox_by_time ON outbox (due_at);

CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  -- SHA-256 of the token: the token itself is nowhere.
  hash TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL,
  -- '@acme/redact', '@acme/*' or '*'.
  modules TEXT NOT NULL,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  revoked_at TEXT,
  last_used_at TEXT
);

-- Append-only; each row's hash covers the one before it.
CREATE TABLE audit (
  seq BIGINT PRIMARY KEY,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  ip TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL
);
