-- What the log says of modules that do harm, as it is now.
CREATE TABLE advisories (
  id TEXT PRIMARY KEY,
  -- The event that said so last.
  log_index BIGINT NOT NULL REFERENCES log_leaves (idx),
  scope TEXT NOT NULL,
  -- JSON: OSV.
  record TEXT NOT NULL
);
CREATE INDEX advisories_by_scope ON advisories (scope);

CREATE TABLE advisory_modules (
  advisory_id TEXT NOT NULL REFERENCES advisories (id),
  module TEXT NOT NULL,
  PRIMARY KEY (advisory_id, module)
);
CREATE INDEX advisory_modules_by_module ON advisory_modules (module);
