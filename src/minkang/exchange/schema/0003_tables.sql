-- Mappings of a source's own, what its tables hold, and how polling them goes.

-- The latest of a name is in force; earlier ones stay, so that a message can be explained later.
create table exchange.mapping (
    id      bigint generated always as identity primary key,
    source  text not null references exchange.source on delete cascade,
    name    text not null check (length(name) between 1 and 100),
    text    text not null,
    since   timestamptz not null default clock_timestamp(),
    by      text not null
);
create index mapping_latest on exchange.mapping (source, name, id desc);

-- `overlap_minutes`: how far back a polled table is read again for rows that were committed late.
-- `vanished_rows`: what becomes of rows that are in the table no longer.
alter table exchange.source
    add column overlap_minutes integer not null default 10
        check (overlap_minutes between 0 and 10080),
    add column vanished_rows text not null default 'withdraw'
        check (vanished_rows in ('withdraw', 'withdraw-all', 'keep'));

-- How polling a source's table goes: when it was last looked at, and what is wrong, if anything: what
-- stopped it, else the `warning` of the last comparison of all keys. `settled` and `mark`: keys reached one to
-- two overlaps ago, of tables that are read by key alone.
create table exchange.poll (
    source      text primary key references exchange.source on delete cascade,
    at          timestamptz not null default clock_timestamp(),
    error       text,
    failures    integer not null default 0,
    warning     text,
    overlapped  timestamptz not null default clock_timestamp(),
    compared    timestamptz not null default clock_timestamp(),
    mark        text,
    marked      timestamptz,
    settled     text
);

-- The rows of a source's table as they were last read. `hash` is that of their columns, `message` the
-- one that brought them, `forced` the order that they were given when they vanished or came back.
create table exchange.front_row (
    source   text not null references exchange.source on delete cascade,
    key      text collate "C" not null,
    changed  text,
    hash     bytea not null,
    message  bigint,
    gone     boolean not null default false,
    forced   timestamptz,
    primary key (source, key)
);
