-- Search of all of R4 (docs/decisions/0012-search-layout.md). Index rows name a version by its
-- sequence, which no other version ever has: rows of a replaced version can't be mistaken for
-- the current one, even before they are swept away.

drop index store.resource_terms;
alter table store.resource drop column terms;
-- `marks`: hashes of what is selective or asked for rarely: references to people and what happens
-- to them, URIs, what strings contain.
-- `present`: one bit for each search parameter of the type that has a value.
-- `indexed`: version of the rules by which the index rows were made; 0 is not yet.
alter table store.resource
    add column marks bigint[],
    add column present bigint not null default 0,
    add column indexed smallint not null default 0;
create index resource_marks on store.resource using gin (marks);
create unique index resource_sequence on store.resource (type, sequence) where not deleted;
create index resource_updated on store.resource using brin (updated);
create index resource_stale on store.resource (indexed, type, sequence)
    where indexed < 1 and not deleted;

-- Exact values that many resources share: tokens, identifiers, references to institutions and
-- staff, beginnings of names, pinyin. `hash` is that of type and parameter, combined (exclusive or)
-- with that of the value.
create table store.term (
    hash      bigint not null,
    sequence  bigint not null
);
create index term_hash on store.term (hash, sequence);

-- What has an extent: dates (microseconds since 1970), numbers, quantities in their own unit;
-- composites with such a part. A point has low = high.
create table store.span (
    hash      bigint not null,
    low       double precision not null,
    high      double precision not null,
    sequence  bigint not null
);
create index span_value on store.span (hash, low, sequence, high);
create index span_sequence on store.span (sequence);

-- Strings of resources that are about nobody; those about a person lie in `term` under a key.
create table store.string (
    hash      bigint not null,
    value     text collate "C" not null,
    sequence  bigint not null
);
create index string_value on store.string (hash, value, sequence);
create index string_sequence on store.string (sequence);

-- Code systems and units that a parameter has been seen with: what a search without a system, or
-- with another unit of the same dimension, has to look for.
create table store.system (
    parameter  bigint not null,
    system     text collate "C" not null,
    primary key (parameter, system)
);
create table store.unit (
    parameter  bigint not null,
    system     text collate "C" not null,
    code       text collate "C" not null,
    unit       text collate "C" not null,
    primary key (parameter, system, code, unit)
);

create table store.compartment_of (
    patient   bigint not null,
    type      smallint not null,
    dated     timestamptz not null,
    sequence  bigint not null
);
insert into store.compartment_of (patient, type, dated, sequence)
    select c.patient, c.type, c.dated, r.sequence
    from store.compartment c join store.resource r
    on r.type = c.type and r.id = c.id and r.part = c.part;
drop table store.compartment;
alter table store.compartment_of rename to compartment;
alter table store.compartment add primary key (patient, type, dated, sequence);

-- History by years, so that a year can be dropped when its time of keeping is over.
alter table store.history rename to history_before;
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
    sequence     bigint not null
) partition by range (updated);
create table store.history_other partition of store.history default;
do $$
begin
    for year in 2024..2044 loop
        execute format(
            'create table store.history_%s partition of store.history for values from (%L) to (%L)',
            year, year || '-01-01T00:00:00Z', (year + 1) || '-01-01T00:00:00Z');
    end loop;
end $$;
insert into store.history select * from store.history_before;
drop table store.history_before;
alter table store.history add primary key (type, id, version, part, updated);
create index history_feed on store.history (transaction, sequence);
create index history_sequence on store.history (type, sequence);
