-- Every read of a scope asks whether it has modules; without this one of a scope that is not there would read them all.
CREATE INDEX modules_by_scope ON modules (scope);
