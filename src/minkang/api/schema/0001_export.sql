-- Bulk exports that were asked for (Bulk Data Access 2.0) and the files they made.

create schema if not exists api;

create table api.export (
    id            uuid        primary key,
    account       text,                    -- id of the token that asked; null: an open base
    organisation  text,                    -- whose data; null: an open base, everybody's
    level         text        not null check (level in ('system', 'patient', 'group')),
    members       text[],                  -- of a group: ids of its Patients
    types         text[]      not null,
    since         timestamptz,
    request       text        not null,    -- address of the kick-off, for the manifest
    asked         timestamptz not null,
    state         text        not null check (state in ('waiting', 'running', 'done', 'failed')),
    started       timestamptz,             -- the manifest's transactionTime
    alive         timestamptz,             -- when whoever runs it last said so
    ended         timestamptz,
    progress      text        not null default ''
);
create index export_unfinished on api.export (asked) where state in ('waiting', 'running');
create index export_ended on api.export (ended);

create table api.export_file (
    export  uuid     not null references api.export on delete cascade,
    name    text     not null,
    type    text     not null,
    count   bigint   not null,
    primary key (export, name)
);
