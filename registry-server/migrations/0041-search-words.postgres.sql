-- Which modules have which words. Each word bears the field that it is from: 'n:redact'.
CREATE TABLE search_words (
  module_id BIGINT PRIMARY KEY REFERENCES modules (id),
  words TSVECTOR NOT NULL
);
CREATE INDEX search_words_by_word ON search_words USING GIN (words) WITH (fastupdate = off);
CREATE TABLE search_readmes (
  module_id BIGINT PRIMARY KEY REFERENCES modules (id),
  words TSVECTOR NOT NULL
);
CREATE INDEX search_readmes_by_word ON search_readmes USING GIN (words) WITH (fastupdate = off);
