-- Values that tell little (status, gender, category) have moved from `term` into the column `marks`
-- (docs/decisions/0016-bytes-on-disk.md): rows made by the older rules are made anew in the
-- background.
drop index store.resource_stale;
create index resource_stale on store.resource (indexed, type, sequence)
    where indexed < 2 and not deleted;

-- How far `store.sequence` was when a dictionary was made: another one is due when it is three
-- times as far. One of an older release was made after the first thousand resources.
alter table store.dictionary add column sequence bigint not null default 1000;

-- A resource is mostly about one patient, and then lies in its compartment by `part` of its own row:
-- no row of another table says so again. Only further patients have rows of their own; `compartment`
-- is both together.
create index resource_life on store.resource (part, type) where not deleted;
create table store.further_compartment (
    patient   bigint not null,
    type      smallint not null,
    dated     timestamptz not null,
    sequence  bigint not null,
    primary key (patient, type, dated, sequence)
);
insert into store.further_compartment (patient, type, dated, sequence)
    select p.patient, r.type, r.dated, r.sequence
    from store.resource r cross join lateral (select distinct unnest(r.patients) as patient) p
    where not r.deleted and p.patient <> r.part;
drop table store.compartment;
create view store.compartment as
    select part as patient, type, dated, sequence from store.resource
    where not deleted and part = any (patients)
    union all
    select patient, type, dated, sequence from store.further_compartment;

-- Marks that wait to be merged into the index take pages that it never gives back, and every search
-- by marks reads through them: an eighth of what PostgreSQL lets wait is enough for several commits
-- of a bulk load.
alter index store.resource_marks set (gin_pending_list_limit = 512);
