-- Workflows that may publish a module, by what their issuer says of them that never changes hands.
CREATE TABLE trusted_publishers (
  id TEXT PRIMARY KEY,
  -- '@acme/redact'; it need not exist yet.
  module TEXT NOT NULL,
  scope TEXT NOT NULL,
  issuer TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  repository_id TEXT NOT NULL,
  -- Its name when it was set up: for people.
  repository TEXT NOT NULL,
  workflow TEXT NOT NULL,
  -- NULL: any.
  environment TEXT,
  -- 'refs/tags/v*'; NULL: any.
  ref_pattern TEXT,
  created_at TEXT NOT NULL
);
CREATE INDEX trusted_publishers_by_module ON trusted_publishers (module);
CREATE INDEX trusted_publishers_by_scope ON trusted_publishers (scope);

-- What an identity was exchanged for: the publish of these very bytes.
CREATE TABLE exchange_tokens (
  hash TEXT PRIMARY KEY,
  publisher_id TEXT NOT NULL REFERENCES trusted_publishers (id),
  module TEXT NOT NULL,
  version TEXT NOT NULL,
  sha512 TEXT NOT NULL,
  -- JSON: who publishes, as the statement will say.
  publisher TEXT NOT NULL,
  expires_at TEXT NOT NULL
);
CREATE INDEX exchange_tokens_by_publisher ON exchange_tokens (publisher_id);

-- Identities that were exchanged, until they end by themselves: none is exchanged twice.
CREATE TABLE used_jti (
  issuer TEXT NOT NULL,
  jti TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  PRIMARY KEY (issuer, jti)
);
