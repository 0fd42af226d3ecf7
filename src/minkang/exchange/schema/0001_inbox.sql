-- What came in, raw, and what became of it.

create schema if not exists exchange;

-- `organisation` is the institution that resources of the source belong to; `namespace` goes into
-- the ids derived from the source's own numbers and never changes.
create table exchange.source (
    id            text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name          text not null,
    organisation  text not null,
    namespace     text not null unique,
    channel       text not null check (channel in ('mllp', 'table')),
    charset       text not null default 'utf-8',
    number_period text not null default 'never' check (number_period in ('never', 'year')),
    table_mapping text,
    table_name    text,
    database_url  text,
    codes         jsonb not null default '{}',
    enabled       boolean not null default true
);

create table exchange.message (
    id             bigint generated always as identity primary key,
    source         text references exchange.source,
    channel        text not null,
    received       timestamptz not null default clock_timestamp(),
    last_received  timestamptz not null default clock_timestamp(),
    repeats        integer not null default 0,
    kind           text not null,
    control_id     text not null,
    hash           bytea not null,
    size           integer not null,
    body           bytea not null,
    state          text not null check (state in ('waiting', 'stored', 'quarantined')),
    attempts       smallint not null default 0,
    processed      timestamptz,
    unique nulls not distinct (source, hash)
);
create index message_waiting on exchange.message (id) where state = 'waiting';
create index message_quarantined on exchange.message (id) where state = 'quarantined';
create index message_received on exchange.message (received desc);
create index message_source on exchange.message (source, received desc);

create table exchange.problem (
    message  bigint not null references exchange.message on delete cascade,
    number   smallint not null,
    stage    text not null,
    place    text not null,
    rule     text not null,
    text     text not null,
    primary key (message, number)
);
create index problem_rule on exchange.problem (rule);

-- Which message made or changed which resource: the way back from every fact to its source.
create table exchange.made (
    message  bigint not null references exchange.message on delete cascade,
    type     smallint not null,
    id       text collate "C" not null,
    version  integer not null,
    kind     text not null,
    primary key (type, id, message)
);
create index made_message on exchange.made (message);

create table exchange.cursor (
    source   text primary key references exchange.source,
    changed  text not null,
    key      text not null,
    read     timestamptz not null default now()
);
