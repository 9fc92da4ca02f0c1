-- The token's id, where one was used, and what changed; '@acme' where it is about a scope or something in it.
ALTER TABLE audit ADD COLUMN token TEXT;
ALTER TABLE audit ADD COLUMN scope TEXT;
-- JSON.
ALTER TABLE audit ADD COLUMN before TEXT;
ALTER TABLE audit ADD COLUMN after TEXT;
CREATE INDEX audit_by_scope ON audit (scope, seq);
CREATE INDEX audit_by_actor ON audit (actor, seq);
