-- Which modules have which words; rowid = modules.id. Words come separated by spaces, in the form that they are searched for.
CREATE VIRTUAL TABLE search_words USING fts5 (
  name, keywords, description,
  content = '', contentless_delete = 1, detail = 'column', prefix = '2 3', tokenize = 'ascii'
);
CREATE VIRTUAL TABLE search_readmes USING fts5 (
  readme,
  content = '', contentless_delete = 1, detail = 'none', prefix = '2 3', tokenize = 'ascii'
);
