-- Versioned resources. Bodies are compressed bytes behind a codec byte; everything a query may ask
-- for lies beside them in columns of its own (docs/decisions/0003-store-layout.md).

create schema if not exists store;

create sequence store.sequence;

-- `part` is the distribution key (hash of the first patient compartment, else of type and id), so
-- that the tables can later be spread over servers by it. `transaction` and `sequence` make the
-- rows themselves the change feed.
create table store.resource (
    type         smallint not null,
    id           text collate "C" not null,
    part         bigint not null,
    version      integer not null,
    updated      timestamptz not null,
    deleted      boolean not null,
    source       text collate "C" not null,
    grade        smallint not null,
    patients     bigint[] not null,
    dated        timestamptz not null,
    terms        bigint[] not null,
    note         bytea,
    body         bytea not null,
    transaction  xid8 not null default pg_current_xact_id(),
    sequence     bigint not null default nextval('store.sequence'),
    primary key (type, id, part)
);
create index resource_feed on store.resource (transaction, sequence);
create index resource_terms on store.resource using gin (terms);

create table store.history (
    type         smallint not null,
    id           text collate "C" not null,
    part         bigint not null,
    version      integer not null,
    updated      timestamptz not null,
    deleted      boolean not null,
    source       text collate "C" not null,
    grade        smallint not null,
    patients     bigint[] not null,
    dated        timestamptz not null,
    body         bytea not null,
    transaction  xid8 not null,
    sequence     bigint not null,
    primary key (type, id, version, part)
);
create index history_feed on store.history (transaction, sequence);

-- One row for each patient a resource is about: a life, newest first, without touching bodies.
create table store.compartment (
    patient  bigint not null,
    type     smallint not null,
    dated    timestamptz not null,
    id       text collate "C" not null,
    part     bigint not null,
    primary key (patient, type, dated, id)
);

create table store.dictionary (
    version  smallint primary key,
    made     timestamptz not null default now(),
    content  bytea not null
);

-- A logical restore raises the epoch: positions handed out before it are then known to be stale.
create table store.epoch (
    epoch  integer not null,
    one    boolean primary key default true check (one)
);
insert into store.epoch (epoch) values (1);

create table store.consumer (
    name         text primary key,
    epoch        integer not null,
    shard        integer not null,
    transaction  xid8 not null,
    sequence     bigint not null
);
