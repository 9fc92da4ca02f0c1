-- What is known of each module for people who look for one: the newest active version. It is made anew from versions.
CREATE TABLE search_modules (
  module_id BIGINT PRIMARY KEY REFERENCES modules (id),
  -- Grows with every change of a row: whoever has seen a number has seen all rows up to it.
  seq BIGINT NOT NULL UNIQUE,
  -- The version shown; none when the module has no active one.
  log_index BIGINT REFERENCES versions (log_index),
  -- JSON of the item that an answer shows.
  item TEXT NOT NULL
);
DROP TABLE module_search;
DELETE FROM outbox WHERE topic = 'search';
INSERT INTO outbox (topic, log_index, attempts, due_at) SELECT 'search', id, 0, created_at FROM modules;
