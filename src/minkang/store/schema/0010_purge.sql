-- What was removed for good, by whom and why; no content. `subject` is the id by which the purge
-- can be repeated after a restore to an earlier moment. `finished` is null while it runs, and
-- stays null when it was interrupted: then it is to be run again.
create table store.purge (
    id         bigint generated always as identity primary key,
    begun      timestamptz not null default clock_timestamp(),
    finished   timestamptz,
    who        text not null,
    kind       text not null check (kind in ('patient', 'person', 'source')),
    subject    text not null,
    reason     text not null check (reason <> ''),
    resources  integer not null default 0,
    versions   integer not null default 0,
    shared     integer not null default 0,
    messages   integer not null default 0
);
