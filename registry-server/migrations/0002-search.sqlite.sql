-- The newest version of each module, as people search for it; rowid = modules.id.
CREATE VIRTUAL TABLE module_search USING fts5 (name, description, components, readme, prefix = '2 3');
