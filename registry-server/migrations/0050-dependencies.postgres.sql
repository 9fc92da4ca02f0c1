-- Which versions depend on a module: for the pages of that module.
CREATE TABLE version_dependencies (
  log_index BIGINT NOT NULL REFERENCES versions (log_index),
  name TEXT NOT NULL,
  range TEXT NOT NULL,
  PRIMARY KEY (log_index, name)
);
CREATE INDEX version_dependencies_by_name ON version_dependencies (name, log_index);
INSERT INTO version_dependencies (log_index, name, range)
  SELECT versions.log_index, entry.key, entry.value
  FROM versions, jsonb_each_text(versions.manifest::jsonb -> 'dependencies') AS entry;
