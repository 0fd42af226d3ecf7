-- Exports that an app asked for: it and what it was granted, which narrows what is in the files.
alter table api.export add column client text, add column scopes text[];
