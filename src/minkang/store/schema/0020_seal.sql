-- Data keys, each wrapped by the envelope key, which lies outside the database. Bodies name theirs by
-- its number; the newest that is not retired seals. A destroyed one has no bytes left: what was sealed
-- under it can't be read by anybody.
create table store.data_key (
    version      smallint primary key check (version > 0),
    wrapped      bytea,
    wrapping     text not null,
    made         timestamptz not null default clock_timestamp(),
    first_block  bigint not null,
    retired      timestamptz,
    destroyed    timestamptz,
    check ((wrapped is null) = (destroyed is not null))
);

-- A process takes a block of sealings before it seals: no crash and no rollback can make the count of
-- what was sealed under a key too small.
create sequence store.seal_block;

-- Dictionaries hold pieces of bodies.
alter table store.dictionary add column sealed boolean not null default false;

-- How far sealing anew has come in each area; `at` is the key of the last row looked at in this turn,
-- `open` how many of it were not yet as they shall be; `looked` and `changed` all together; `broken`
-- how many of the last turn are not what was written, and stay as they are.
create table store.reseal (
    area      text primary key,
    goal      smallint not null,
    at        text[],
    open      bigint not null default 0,
    looked    bigint not null default 0,
    changed   bigint not null default 0,
    broken    bigint not null default 0,
    begun     timestamptz not null default clock_timestamp(),
    finished  timestamptz
);
