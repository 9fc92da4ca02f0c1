-- The newest version of each module, as people search for it.
CREATE TABLE module_search (
  module_id BIGINT PRIMARY KEY REFERENCES modules (id),
  document TSVECTOR NOT NULL
);
CREATE INDEX module_search_by_word ON module_search USING GIN (document);
