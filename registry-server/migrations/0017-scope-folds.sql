-- Scopes without what people confuse, as names of modules have it: equal folds are near names.
ALTER TABLE scopes ADD COLUMN fold TEXT NOT NULL DEFAULT '';
UPDATE scopes SET fold = replace(replace(replace(replace(name, '-', ''), '0', 'o'), '1', 'l'), 'i', 'l');
CREATE INDEX scopes_by_fold ON scopes (fold);
ALTER TABLE modules ADD COLUMN scope_fold TEXT NOT NULL DEFAULT '';
UPDATE modules SET scope_fold = replace(replace(replace(replace(scope, '-', ''), '0', 'o'), '1', 'l'), 'i', 'l');
CREATE INDEX modules_by_scope_fold ON modules (scope_fold);
