-- What the log's later events have made of a version; its projection decides, these columns only repeat it.
ALTER TABLE versions ADD COLUMN reason TEXT;
ALTER TABLE versions ADD COLUMN deprecated TEXT;
ALTER TABLE versions ADD COLUMN successor TEXT;
ALTER TABLE versions ADD COLUMN yanked_at TEXT;

-- JSON: tag → version, of the tags that somebody has set.
ALTER TABLE modules ADD COLUMN tags TEXT NOT NULL DEFAULT '{}';
ALTER TABLE modules ADD COLUMN deprecated TEXT;
ALTER TABLE modules ADD COLUMN successor TEXT;
-- The name without what people confuse: equal folds are near names.
ALTER TABLE modules ADD COLUMN fold TEXT NOT NULL DEFAULT '';
UPDATE modules SET fold = replace(replace(replace(replace(name, '-', ''), '0', 'o'), '1', 'l'), 'i', 'l');
CREATE INDEX modules_by_fold ON modules (fold);

-- Who has agreed so far to what takes several people.
CREATE TABLE consents (
  -- 'quarantine' or 'tombstone'.
  action TEXT NOT NULL,
  -- '@acme/redact@1.0.0'.
  subject TEXT NOT NULL,
  actor TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (action, subject, actor)
);
