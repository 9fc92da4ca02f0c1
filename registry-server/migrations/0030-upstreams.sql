-- Registries that others reach through this one.
CREATE TABLE upstreams (
  name TEXT PRIMARY KEY,
  -- NULL: it was imported from a folder, and nobody is asked.
  url TEXT,
  root TEXT NOT NULL,
  -- JSON array of patterns.
  scopes TEXT NOT NULL,
  min_age_ms BIGINT NOT NULL,
  created_at TEXT NOT NULL
);
