-- What an export with `_since` says was deleted, and the time up to which it is complete: no
-- transaction that was still running when it began can have written before it.

alter table api.export add column complete timestamptz;
alter table api.export_file add column deleted boolean not null default false;
